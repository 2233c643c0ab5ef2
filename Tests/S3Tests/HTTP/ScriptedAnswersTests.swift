import Foundation
import Testing

@testable import S3

/// What the client makes of servers that answer oddly, badly or not at all.
@Suite(.timeLimit(.minutes(1))) struct ScriptedAnswersTests {
    private static let xml = "Content-Type: application/xml"

    @Test("Spaces before a completion's answer, however slowly they come, are no standstill")
    func keepAliveSpaces() async throws {
        let spaces = Array(repeating: "1\r\n \r\n", count: 8)
        let length = String(Answer.completed.utf8.count, radix: 16)
        let script: [ScriptedServer.Step] = [
            .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            .drip(spaces, every: .milliseconds(100)),
            .send("\(length)\r\n\(Answer.completed)\r\n0\r\n\r\n"),
        ]
        let completed = try await withScriptedStore([script], change: { $0.timeout = .milliseconds(500) }) {
            client,
            _ in
            try await client.complete()
        }
        #expect(completed.etag == "e-1")
        #expect(completed.location == "http://h/uploads/k")
        #expect(completed.checksum == Checksum(algorithm: "CRC32C", value: "yZRlqg==-1"))
    }

    @Test("An error inside a 200 is an error, and is tried again where it can pass")
    func errorInside200() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(200, "   \n" + Answer.error("InternalError"))], [.answer(200, Answer.completed)],
        ]
        let pauses = Pauses()
        try await withScriptedStore(scripts, pauses: pauses) { client, server in
            let completed = try await client.complete()
            #expect(completed.etag == "e-1")
            #expect(server.requests.count == 2)
        }
        #expect(pauses.all == [.milliseconds(50)])
    }

    @Test("An error inside a 200 that cannot pass is told at once")
    func refusalInside200() async throws {
        try await withScriptedStore([[.answer(200, Answer.error("InvalidPart"))]]) { client, server in
            let error = await expect(kind: .invalidPart) { try await client.complete() }
            #expect(error?.code == "InvalidPart" && error?.status == 200 && error?.requestID == "r-1")
            #expect(error?.outcomeIsUnknown == false)
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "A completion cut short leaves its outcome unknown, after three tries",
        arguments: [
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<Complete"), .close],
            [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<Complete\r\n"), .close],
            [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\n\r\n")],
            [.answer(200, "")], [.answer(200, "<html>please log in</html>")], [.answer(200, "<!DOCTYPE x><x/>")],
            [.answer(500)], [.answer(503, Answer.error("SlowDown"))], [.reset], [.close],
            [.send("HTTP/1.1 200 OK\r\n"), .close],
        ] as [[ScriptedServer.Step]]
    )
    func cutShort(script: [ScriptedServer.Step]) async throws {
        try await withScriptedStore([script, script, script]) { client, server in
            let error = await expect(kind: .passing) { try await client.complete() }
            #expect(error?.outcomeIsUnknown == true)
            #expect(server.requests.count == 3)
        }
    }

    @Test("A loss of the first answer is not forgotten when the second is a refusal")
    func unknownIsSticky() async throws {
        let scripts: [[ScriptedServer.Step]] = [[.reset], [.answer(404, Answer.error("NoSuchUpload"))]]
        try await withScriptedStore(scripts) { client, _ in
            let error = await expect(kind: .noSuchUpload) { try await client.complete() }
            #expect(error?.outcomeIsUnknown == true)
        }
    }

    @Test(
        "An upload may have a twin where a try before was not heard, and only there",
        arguments: [([], false), ([.reset], true), ([.answer(500)], true)] as [([ScriptedServer.Step], Bool)]
    )
    func twin(lost: [ScriptedServer.Step], mayHaveTwin: Bool) async throws {
        let scripts = (lost.isEmpty ? [] : [lost]) + [[.answer(200, Answer.created)]]
        try await withScriptedStore(scripts) { client, _ in
            let created = try await client.createMultipartUpload(key: "k", contentType: "image/png", metadata: [:])
            #expect(created == CreatedMultipartUpload(uploadID: "u-1", mayHaveTwin: mayHaveTwin))
        }
    }

    @Test("A request that curl sends again by itself, on another connection, may have taken effect before")
    func sentAgain() async throws {
        let pauses = Pauses()
        let created: [ScriptedServer.Step] = [.answer(200, Answer.created)]
        let scripts = [created, [.close], created, [.close], [.answer(404, Answer.error("NoSuchUpload"))], created]
        try await withScriptedStore(scripts, pauses: pauses) { client, server in
            var twins: [Bool] = []
            for _ in 0..<2 {
                twins.append(
                    try await client.createMultipartUpload(key: "k", contentType: "image/png", metadata: [:])
                        .mayHaveTwin
                )
            }
            #expect(twins == [false, true])
            let error = await expect(kind: .noSuchUpload) { try await client.complete() }
            #expect(error?.outcomeIsUnknown == true)
            let last = try await client.createMultipartUpload(key: "k", contentType: "image/png", metadata: [:])
            #expect(!last.mayHaveTwin, "each transfer counts anew")
            #expect(server.requests.map(\.connection) == [1, 1, 2, 2, 3, 3])
        }
        #expect(pauses.all.isEmpty)
    }

    @Test("Reading leaves nothing unknown")
    func readingIsKnown() async throws {
        try await withScriptedStore([[.reset], [.reset], [.answer(500)]]) { client, _ in
            let error = await expect(kind: .passing) { try await client.headObject(key: "k") }
            #expect(error?.outcomeIsUnknown == false)
            #expect(error?.code == "InternalError")
        }
    }

    @Test("A server that is not there has done nothing")
    func refusedConnection() async throws {
        // A port that was free a moment ago, and that nothing listens at.
        let port = try ScriptedServer([]).port
        try await withScriptedStore(
            [],
            change: { $0.endpoint = Endpoint(scheme: .http, host: "127.0.0.1", port: port, pathPrefix: "") }
        ) {
            client,
            _ in
            let error = await expect(kind: .passing) { try await client.create() }
            #expect(error?.code == "ConnectionFailed")
            #expect(error?.outcomeIsUnknown == false)
        }
    }

    @Test(
        "A standstill ends after the time-out, in the head as in the body",
        arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<"]
    )
    func stall(beginning: String) async throws {
        let script: [ScriptedServer.Step] = [.send(beginning), .stall]
        try await withScriptedStore([script, script, script], change: { $0.timeout = .milliseconds(150) }) {
            client,
            server in
            let error = await expect(kind: .passing) { try await client.create() }
            #expect(error?.code == S3Error.timedOut)
            #expect(error?.outcomeIsUnknown == true)
            #expect(server.requests.count == 3)
            await server.waitForHangUp()
        }
    }

    @Test(
        "Endless answers end",
        arguments: [
            ("Transfer-Encoding: chunked\r\n\r\n", "400\r\n\(String(repeating: "x", count: 1024))\r\n"),
            ("\r\n", String(repeating: "x", count: 1024)), ("", "x-h: \(String(repeating: "h", count: 1000))\r\n"),
        ]
    )
    func endless(beginning: String, more: String) async throws {
        let script: [ScriptedServer.Step] = [
            .send("HTTP/1.1 200 OK\r\n" + beginning), .repeated(more, times: 1_000_000),
        ]
        try await withScriptedStore([script, script, script]) { client, server in
            let error = await expect(kind: .passing) { try await client.create() }
            #expect(error?.code == "ResponseTooLarge")
            await server.waitForHangUp()
        }
    }

    @Test("A body up to the limit is taken, one byte more is not", arguments: [(0, true), (1, false)])
    func bodyLimit(excess: Int, isTaken: Bool) async throws {
        let padding = String(repeating: " ", count: 1024 * 1024 - Answer.created.utf8.count + excess)
        let script: [ScriptedServer.Step] = [.answer(200, padding + Answer.created)]
        try await withScriptedStore([script, script, script]) { client, _ in
            if isTaken {
                try await client.expectCreation()
            } else {
                await expect(kind: .passing) { try await client.create() }
            }
        }
    }

    @Test(
        "Redirects are not followed; another region is named",
        arguments: [
            (301, ["x-amz-bucket-region: eu-west-1"], ""), (307, ["x-amz-bucket-region: eu-west-1"], ""),
            (301, [], Answer.error("PermanentRedirect", more: "<Region>eu-west-1</Region>")),
            (400, ["x-amz-bucket-region: eu-west-1"], ""),
            (400, [], Answer.error("AuthorizationHeaderMalformed", more: "<Region>eu-west-1</Region>")),
        ]
    )
    func otherRegion(status: Int, headers: [String], body: String) async throws {
        let script: [ScriptedServer.Step] = [
            .answer(status, body, headers: headers + ["Location: http://127.0.0.1:1/"])
        ]
        try await withScriptedStore([script]) { client, server in
            let error = await expect(kind: .permanent) { try await client.listParts(key: "k", uploadID: "u") }
            #expect(error?.message == "the bucket is in eu-west-1, not in us-east-1: set AWS_REGION=eu-west-1")
            #expect(server.requests.count == 1)
        }
    }

    @Test("No error tells what was signed with")
    func noSecrets() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [
                .answer(
                    403,
                    Answer.error("SignatureDoesNotMatch", more: "<StringToSign>s3cret t0ken</StringToSign>")
                )
            ]
        ]
        try await withScriptedStore(scripts) { client, server in
            let error = try #require(await expect(kind: .permanent) { try await client.create() })
            var dumped = ""
            dump(error, to: &dumped)
            let head = try #require(server.requests.first?.head)
            #expect(head.contains("x-amz-security-token: t0ken"))
            let signature = try #require(head.firstMatch(of: /Signature=([0-9a-f]{64})/)).1
            for secret in ["s3cret", "t0ken", String(signature)] {
                #expect(!dumped.contains(secret) && !error.description.contains(secret))
            }
        }
    }

    @Test("A store that asks to wait is given the time, up to a limit", arguments: [(3, true), (5, true), (6, false)])
    func retryAfter(seconds: Int, isTried: Bool) async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(503, headers: ["Retry-After: \(seconds)"])], [.answer(200, Answer.created)],
        ]
        let pauses = Pauses()
        try await withScriptedStore(scripts, pauses: pauses) { client, _ in
            if isTried {
                try await client.expectCreation()
            } else {
                await expect(kind: .passing) { try await client.create() }
            }
        }
        #expect(pauses.all == (isTried ? [.seconds(seconds)] : []))
    }

    @Test("A continue before the answer is passed over")
    func informational() async throws {
        let script: [ScriptedServer.Step] = [
            .send("HTTP/1.1 100 Continue\r\nETag: \"wrong\"\r\n\r\n"),
            .answer(200, headers: ["ETag: \"right\"", "X-Amz-Meta-Upload-Session: s", "x-amz-checksum-sha256: c"]),
        ]
        try await withScriptedStore([script]) { client, _ in
            let head = try await client.headObject(key: "k")
            #expect(head?.etag == "right" && head?.size == 0)
            #expect(head?.metadata == ["upload-session": "s"])
            #expect(head?.checksum == Checksum(algorithm: "SHA256", value: "c"))
        }
    }
}
