import Foundation
import Testing

@testable import S3

/// Against a server that verifies signatures; every rule here holds for OpenStack Swift's s3api and for Ceph's radosgw.
@Suite("A real store", .enabled(if: RealStore.isConfigured))
struct RealStoreTests {
    private let store = try? RealStore()
    private static let fullPart = Data(repeating: 0x61, count: 5 * 1024 * 1024)

    @Test("An upload from its start to the object")
    func wholeLife() async throws {
        let store = try #require(self.store)
        let key = store.newKey("fil e+ü%?#;~.bin")
        try await store.withClient { client in
            try await client.headBucket()
            #expect(try await client.headObject(key: key) == nil)
            let id = try await client.createMultipartUpload(
                key: key,
                contentType: "video/mp4",
                metadata: ["upload-session": "session-1"]
            ).uploadID
            #expect(try await client.listMultipartUploads(key: key).map(\.uploadID) == [id])
            #expect(try await client.listParts(key: key, uploadID: id).isEmpty)

            let presigned = try await client.presigned(key, id, parts: 2)
            let first = try await put(Self.fullPart, to: presigned[0])
            let second = try await put(Data("tail".utf8), to: presigned[1])
            #expect(first.status == 200 && second.status == 200)
            let etags = try [first, second].map { try #require(ETag.unquoted($0.etag)) }
            let parts = [(1, Self.fullPart.count), (2, 4)].map {
                UploadedPart(number: $0.0, etag: etags[$0.0 - 1], size: Int64($0.1))
            }
            let listed = try await client.listParts(key: key, uploadID: id)
            #expect(listed.map { UploadedPart(number: $0.number, etag: $0.etag, size: $0.size) } == parts)
            #expect(listed.allSatisfy { abs($0.lastModified?.timeIntervalSinceNow ?? .infinity) < 3600 })

            let completed = try await client.completeMultipartUpload(
                key: key,
                uploadID: id,
                parts: [(2, second.etag), (1, etags[0])]
            )
            let head = try #require(try await client.headObject(key: key))
            #expect(completed.etag == nil || completed.etag == head.etag)
            #expect(head.etag?.hasSuffix("-2") == true)
            #expect(abs(head.lastModified?.timeIntervalSinceNow ?? .infinity) < 3600)
            #expect(head.size == Int64(Self.fullPart.count) + 4)
            #expect(head.contentType == "video/mp4")
            #expect(head.metadata["upload-session"] == "session-1")
            #expect(try await client.listMultipartUploads(key: key).isEmpty)
        }
    }

    @Test("A part's URL is good for that part alone, unaltered, until it ends")
    func alteredURLs() async throws {
        let store = try #require(self.store)
        let key = store.newKey()
        try await store.withClient { client in
            let id = try await client.createMultipartUpload(key: key, contentType: "image/png", metadata: [:]).uploadID
            let presigned = try await client.presigned(key, id, parts: 2)
            let bytes = Data("x".utf8)
            let altered = [
                presigned[0].replacing("partNumber=1", with: "partNumber=3"),
                presigned[0].replacing(/[0-9a-f]{2}$/, with: "zz"),
                presigned[0].replacing("X-Amz-Expires=600", with: "X-Amz-Expires=6000"),
                presigned[0].replacing(key, with: key + "2"),
                presigned[0] + "&x=y",
            ]
            for url in altered {
                #expect(url != presigned[0])
                #expect(try await put(bytes, to: url).status == 403)
            }
            let past = Date(timeIntervalSinceNow: -1200)
            let expired = try await client.presigned(key, id, parts: 1, now: past)
            #expect(try await put(bytes, to: expired[0]).status == 403)
            #expect(try await put(bytes, to: presigned[0]).status == 200)
            try await client.abortMultipartUpload(key: key, uploadID: id)
        }
    }

    @Test("An aborted upload is gone, and a second abort says so")
    func abort() async throws {
        let store = try #require(self.store)
        let key = store.newKey()
        try await store.withClient { client in
            let id = try await client.createMultipartUpload(key: key, contentType: "image/png", metadata: [:]).uploadID
            try await client.abortMultipartUpload(key: key, uploadID: id)
            await expect(kind: .noSuchUpload) { try await client.listParts(key: key, uploadID: id) }
            await expect(kind: .noSuchUpload) { try await client.abortMultipartUpload(key: key, uploadID: id) }
            #expect(try await client.listMultipartUploads(key: key).isEmpty)
        }
    }

    @Test("A part that is not there and a part that is too small are told apart")
    func wrongParts() async throws {
        let store = try #require(self.store)
        let key = store.newKey()
        try await store.withClient { client in
            let id = try await client.createMultipartUpload(key: key, contentType: "image/png", metadata: [:]).uploadID
            let presigned = try await client.presigned(key, id, parts: 2)
            // Some servers look at the sizes before the ETags, others after: each list has one fault only.
            let etags = [
                try await put(Data("a".utf8), to: presigned[0]).etag,
                try await put(Data("b".utf8), to: presigned[1]).etag,
            ]
            await expect(kind: .entityTooSmall) {
                try await client.completeMultipartUpload(key: key, uploadID: id, parts: [(1, etags[0]), (2, etags[1])])
            }
            await expect(kind: .invalidPart) {
                try await client.completeMultipartUpload(key: key, uploadID: id, parts: [(1, etags[1])])
            }
            try await client.abortMultipartUpload(key: key, uploadID: id)
        }
    }

    @Test("Parts and uploads of more than a page, and no neighbour's")
    func listings() async throws {
        let store = try #require(self.store)
        let key = store.newKey("a")
        try await store.withClient { client in
            var ids: Set<String> = []
            for _ in 0..<3 {
                ids.insert(
                    try await client.createMultipartUpload(key: key, contentType: "image/png", metadata: [:]).uploadID
                )
            }
            let neighbour = try await client.createMultipartUpload(
                key: key + "b",
                contentType: "image/png",
                metadata: [:]
            ).uploadID
            #expect(Set(try await client.listMultipartUploads(key: key).map(\.uploadID)) == ids)
            for id in ids { try await client.abortMultipartUpload(key: key, uploadID: id) }
            try await client.abortMultipartUpload(key: key + "b", uploadID: neighbour)
        }
    }

    @Test("Refusals for good are told as such, and without secrets")
    func refusals() async throws {
        let store = try #require(self.store)
        let wrong = Credentials(accessKeyID: store.credentials.accessKeyID, secretAccessKey: "wrong-secret-0000")
        let error = try await store.withClient(credentials: wrong) { client in
            await expect(kind: .permanent) {
                try await client.createMultipartUpload(key: "k", contentType: "image/png", metadata: [:])
            }
        }
        #expect(error?.code == "SignatureDoesNotMatch")
        #expect(error?.status == 403)
        #expect(error.map(String.init(describing:))?.contains("wrong-secret") == false)
        let missing = try await store.withClient({ $0.bucket = "no-such-bucket-here" }) { client in
            await expect(kind: .permanent) {
                try await client.createMultipartUpload(key: "k", contentType: "image/png", metadata: [:])
            }
        }
        #expect(missing?.code == "NoSuchBucket")
        let head = try await store.withClient({ $0.bucket = "no-such-bucket-here" }) { client in
            await expect(kind: .permanent) { try await client.headBucket() }
        }
        #expect(head?.code == "NoSuchBucket")
    }

    @Test("Hundreds of calls at once share the connections")
    func concurrency() async throws {
        let store = try #require(self.store)
        try await store.withClient({ $0.maxConnections = 16 }) { client in
            try await withThrowingTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask {
                        let key = store.newKey()
                        let id = try await client.createMultipartUpload(
                            key: key,
                            contentType: "image/png",
                            metadata: [:]
                        ).uploadID
                        #expect(try await client.listMultipartUploads(key: key).map(\.uploadID) == [id])
                        try await client.abortMultipartUpload(key: key, uploadID: id)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

extension S3Client {
    fileprivate func presigned(_ key: String, _ id: String, parts: Int, now: Date = Date()) async throws -> [String] {
        try await self.presignedParts(key: key, uploadID: id, partCount: parts, asked: .seconds(600), now: now)
            .urls.map(\.text)
    }
}
