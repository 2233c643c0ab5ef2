// swift-tools-version: 6.2
import PackageDescription

/// Warnings end the build in CI and under `make lint`; a newer compiler's new warning must not stop a newcomer's build.
let strict: [SwiftSetting] = Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// Places at which tests kill the worker: no part of a release.
let crashPoints: [SwiftSetting] = [.define("CRASH_POINTS", .when(configuration: .debug))]

let package = Package(
    name: "upload-worker",
    products: [
        .executable(name: "upload-worker", targets: ["UploadWorker"])
    ],
    traits: [
        .trait(name: "PostgreSQL", description: "Sessions in PostgreSQL, for several workers: needs libpq."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
    ],
    targets: [
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        .target(
            name: "AMQP",
            dependencies: ["CRabbitMQ", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .target(name: "Hashing", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(
            name: "Postgres",
            dependencies: [.target(name: "CPostgres", condition: .when(traits: ["PostgreSQL"]))],
            swiftSettings: strict
        ),
        .target(
            name: "S3",
            dependencies: ["CCurl", "Hashing", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .target(name: "Uploads", dependencies: ["Hashing"], swiftSettings: strict),
        .executableTarget(
            name: "UploadWorker",
            dependencies: [
                "AMQP", "CLinux", "S3", "Uploads",
                .target(name: "Postgres", condition: .when(traits: ["PostgreSQL"])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict + crashPoints
        ),

        .systemLibrary(name: "CEpoll", path: "Benchmarks/CEpoll"),
        .executableTarget(
            name: "StoreStub",
            dependencies: ["CEpoll"],
            path: "Benchmarks/StoreStub",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Microbenchmarks",
            dependencies: ["Hashing", "S3", "Uploads", .product(name: "Logging", package: "swift-log")],
            path: "Benchmarks/Microbenchmarks",
            swiftSettings: strict
        ),

        .testTarget(name: "AMQPTests", dependencies: ["AMQP"], swiftSettings: strict),
        .testTarget(name: "HashingTests", dependencies: ["Hashing"], swiftSettings: strict),
        .testTarget(
            name: "S3Tests",
            dependencies: ["S3", "Hashing"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PostgresTests",
            dependencies: [.target(name: "Postgres", condition: .when(traits: ["PostgreSQL"]))],
            swiftSettings: strict
        ),
        .testTarget(name: "UploadsTests", dependencies: ["Uploads"], swiftSettings: strict),
        .testTarget(
            name: "UploadWorkerTests",
            dependencies: ["UploadWorker"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["AMQP", "S3", "Uploads", "UploadWorker"],
            exclude: ["Corpus", "README.md", "expat.py"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
