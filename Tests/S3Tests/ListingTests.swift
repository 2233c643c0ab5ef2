import Foundation
import Testing

@testable import S3

@Suite struct ListingTests {
    @Test("Parts of all pages, a repeated marker's part dropped")
    func parts() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(200, Self.partsPage(1...2, isTruncated: true))],
            [.answer(200, Self.partsPage(2...3, isTruncated: true))],
            [.answer(200, Self.partsPage(3...4, isTruncated: false))],
        ]
        try await withScriptedStore(scripts) { client, server in
            let parts = try await client.listParts(key: "k", uploadID: "u")
            #expect(parts == (1...4).map { UploadedPart(number: $0, etag: "e\($0)", size: Int64($0)) })
            #expect(server.requests.map { $0.head.contains("part-number-marker=") } == [true, true, true])
            #expect(server.requests[2].head.contains("part-number-marker=3&"))
        }
    }

    @Test("A server that says there is more and sends nothing new is not asked for ever")
    func noProgress() async throws {
        let page = Self.partsPage(1...1, isTruncated: true)
        try await withScriptedStore([[.answer(200, page)], [.answer(200, page)]]) { client, server in
            let parts = try await client.listParts(key: "k", uploadID: "u")
            #expect(parts.count == 1 && server.requests.count == 2)
        }
    }

    @Test("A part without number, size or ETag is no answer", arguments: ["PartNumber", "Size", "ETag"])
    func incomplete(missing: String) async throws {
        let page = Self.partsPage(1...1, isTruncated: false).replacing("<\(missing)>", with: "<X>")
            .replacing("</\(missing)>", with: "</X>")
        let script: [ScriptedServer.Step] = [.answer(200, page)]
        try await withScriptedStore([script, script, script]) { client, _ in
            let error = await expect(kind: .passing) { try await client.listParts(key: "k", uploadID: "u") }
            #expect(error?.code == "MalformedResponse")
        }
    }

    @Test("Uploads of exactly the key, over pages, and no page beyond it")
    func uploads() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(200, Self.uploadsPage([("k", "1"), ("k", "2")], next: ("k", "2")))],
            [.answer(200, Self.uploadsPage([("k", "3"), ("ka", "4")], next: ("ka", "4")))],
        ]
        try await withScriptedStore(scripts) { client, server in
            let uploads = try await client.listMultipartUploads(key: "k")
            #expect(uploads.map(\.uploadID) == ["1", "2", "3"])
            #expect(uploads.first?.initiated == Date(timeIntervalSince1970: 1_709_251_199))
            #expect(
                server.requests.map { $0.head.prefix { $0 != "\r\n" } } == [
                    "GET /uploads?max-uploads=500&prefix=k&uploads= HTTP/1.1",
                    "GET /uploads?key-marker=k&max-uploads=500&prefix=k&upload-id-marker=2&uploads= HTTP/1.1",
                ]
            )
        }
    }

    private static func partsPage(_ numbers: ClosedRange<Int>, isTruncated: Bool) -> String {
        let parts = numbers.map {
            "<Part><PartNumber>\($0)</PartNumber><ETag>&quot;e\($0)&quot;</ETag><Size>\($0)</Size></Part>"
        }
        return "<ListPartsResult><IsTruncated>\(isTruncated)</IsTruncated>\(parts.joined())</ListPartsResult>"
    }

    private static func uploadsPage(_ uploads: [(String, String)], next: (String, String)) -> String {
        let elements = uploads.map {
            "<Upload><Key>\($0.0)</Key><UploadId>\($0.1)</UploadId><Initiated>2024-02-29T23:59:59.000Z</Initiated></Upload>"
        }
        return """
            <ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>\(next.0)</NextKeyMarker>\
            <NextUploadIdMarker>\(next.1)</NextUploadIdMarker>\(elements.joined())</ListMultipartUploadsResult>
            """
    }
}
