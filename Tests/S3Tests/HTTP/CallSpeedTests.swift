import Foundation
import Glibc
import Logging
import Testing

@testable import S3

/// `BENCHMARK_S3_ENDPOINT=http://127.0.0.1:PORT swift test -c release -Xswiftc -enable-testing --filter CallSpeed`, against
/// a server that answers every request with the same upload id, prints what a call costs.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["BENCHMARK_S3_ENDPOINT"] != nil), .serialized)
struct CallSpeedTests {
    @Test("CPU time of a call", arguments: [1, 16, 64, 256])
    func call(concurrency: Int) async throws {
        let endpoint = try #require(ProcessInfo.processInfo.environment["BENCHMARK_S3_ENDPOINT"])
        let client = S3Client(
            configuration: S3Configuration(
                bucket: "uploads",
                region: "us-east-1",
                endpoint: try Endpoint(parsing: endpoint),
                maxConnections: concurrency
            ),
            credentials: StaticCredentials(Credentials(accessKeyID: "id", secretAccessKey: "secret")),
            logger: Logger(label: "s3")
        )
        let calls = 40_000
        try await withThrowingTaskGroup { group in
            group.addTask { try await client.run() }
            _ = try await client.create()
            let start = (ContinuousClock.now, Self.cpuTime())
            try await withThrowingTaskGroup { callers in
                for _ in 0..<concurrency {
                    callers.addTask {
                        for _ in 0..<calls / concurrency { _ = try await client.create() }
                    }
                }
                try await callers.waitForAll()
            }
            let cpu = (Self.cpuTime() - start.1) / .microseconds(calls)
            let rate = Double(calls) / ((ContinuousClock.now - start.0) / .seconds(1))
            print("\(concurrency) at a time: \(Int(cpu)) µs of CPU a call, \(Int(rate)) calls a second")
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func cpuTime() -> Duration {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return .seconds(seconds) + .microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}
