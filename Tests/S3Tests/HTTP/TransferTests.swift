import Foundation
import Logging
import Testing

@testable import S3

/// The life of calls on the client's thread.
@Suite(.timeLimit(.minutes(1))) struct TransferTests {
    @Test("Calls in turn share one connection, whatever their methods and bodies")
    func reuse() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(200, Answer.created)], [.answer(404)], [.answer(200, Answer.completed)], [.answer(204)],
            [.answer(200, "<ListPartsResult/>")], [.answer(200)],
        ]
        try await withScriptedStore(scripts) { client, server in
            _ = try await client.create()
            #expect(try await client.headObject(key: "k") == nil)
            _ = try await client.complete()
            try await client.abortMultipartUpload(key: "k", uploadID: "u")
            #expect(try await client.listParts(key: "k", uploadID: "u").isEmpty)
            try await client.headBucket()
            #expect(Set(server.requests.map(\.connection)) == [1])
            #expect(
                server.requests.map { $0.head.prefix { $0 != "\r\n" } } == [
                    "POST /uploads/k?uploads= HTTP/1.1", "HEAD /uploads/k HTTP/1.1",
                    "POST /uploads/k?uploadId=u HTTP/1.1",
                    "DELETE /uploads/k?uploadId=u HTTP/1.1",
                    "GET /uploads/k?max-parts=1000&part-number-marker=0&uploadId=u HTTP/1.1", "HEAD /uploads HTTP/1.1",
                ]
            )
            #expect(server.requests.map(\.body.isEmpty) == [true, true, false, true, true, true])
            #expect(!server.requests.contains { $0.head.lowercased().contains("transfer-encoding") })
            #expect(!server.requests.contains { $0.head.lowercased().contains("expect:") })
        }
    }

    @Test("A connection that the server has closed since is not used, and costs no retry")
    func closedSince() async throws {
        let pauses = Pauses()
        let script: [ScriptedServer.Step] = [.answer(200, Answer.created), .close]
        try await withScriptedStore([script, script, script], pauses: pauses) { client, server in
            for _ in 0..<3 { try await client.expectCreation() }
            #expect(server.requests.map(\.connection) == [1, 2, 3])
        }
        #expect(pauses.all.isEmpty)
    }

    @Test("No more connections than allowed; the rest wait their turn")
    func limit() async throws {
        let scripts = Array(repeating: [ScriptedServer.Step.answer(200, Answer.created)], count: 50)
        try await withScriptedStore(scripts, change: { $0.maxConnections = 2 }) { client, server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 { group.addTask { try await client.expectCreation() } }
                try await group.waitForAll()
            }
            #expect(server.requests.count == 50)
            #expect(Set(server.requests.map(\.connection)).isSubset(of: [1, 2]))
        }
    }

    @Test("A cancelled call ends at once, hangs up, and leaves the client in order")
    func cancellation() async throws {
        try await withScriptedStore([[.stall], [.answer(200, Answer.created)]]) { client, server in
            let error = await withTaskGroup(of: S3Error?.self) { group in
                group.addTask { await expect(kind: .cancelled) { try await client.create() } }
                await server.waitForRequest()
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error?.outcomeIsUnknown == true)
            await server.waitForHangUp()
            try await client.expectCreation()
        }
    }

    @Test("A call waiting for a connection is cancelled too")
    func cancellationInLine() async throws {
        try await withScriptedStore([[.stall]], change: { $0.maxConnections = 1 }) { client, server in
            await withTaskGroup { occupant in
                occupant.addTask { await expect(kind: .cancelled) { try await client.create() } }
                await server.waitForRequest()
                await withTaskGroup { waiting in
                    for _ in 0..<3 {
                        waiting.addTask { await expect(kind: .cancelled) { try await client.create() } }
                    }
                    waiting.cancelAll()
                    for await error in waiting { #expect(error?.outcomeIsUnknown == false) }
                }
                #expect(server.requests.count == 1)
                occupant.cancelAll()
            }
        }
    }

    @Test("A call in a cancelled task is not sent")
    func cancelledBefore() async throws {
        try await withScriptedStore([[.stall]], change: { $0.maxConnections = 1 }) { client, server in
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { await expect(kind: .cancelled) { try await client.create() } }
            }
        }
    }

    @Test("Calls from before the thread wait for it; those under way at its end, and later ones, are told")
    func ends() async throws {
        let server = try ScriptedServer([[.answer(200, Answer.created)], [.stall]])
        let client = S3Client(
            configuration: S3Configuration(
                bucket: "uploads",
                region: "us-east-1",
                endpoint: Endpoint(scheme: .http, host: "127.0.0.1", port: server.port, pathPrefix: "")
            ),
            credentials: StaticCredentials(Credentials(accessKeyID: "id", secretAccessKey: "secret")),
            logger: Logger(label: "s3")
        )
        try await withThrowingTaskGroup { calls in
            calls.addTask { try await client.expectCreation() }
            try await withThrowingTaskGroup { thread in
                thread.addTask { try await client.run() }
                await server.waitForRequest()
                calls.addTask { await expect(kind: .cancelled) { try await client.create() } }
                await server.waitForRequest()
                thread.cancelAll()
                try await thread.waitForAll()
            }
            try await calls.waitForAll()
        }
        let late = await expect(kind: .cancelled) { try await client.create() }
        #expect(late?.code == "ClientClosed")
        await #expect(throws: TransferFailure.self) { try await client.run() }
    }
}
