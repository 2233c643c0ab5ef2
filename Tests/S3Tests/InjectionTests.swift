import Testing

@testable import S3

@Suite("What ends a line in a request")
struct InjectionTests {
    private static let evil = "u\r\nx-amz-acl: public-read\r\n\r\nDELETE /uploads/other HTTP/1.1\r\n"

    @Test("is escaped in an upload id and a key, whose request stays one")
    func target() async throws {
        try await withScriptedStore([[.answer(204)]]) { client, server in
            try await client.abortMultipartUpload(key: "users/\(Self.evil)", uploadID: Self.evil)
            let requests = server.requests
            let head = try #require(requests.first?.head)
            #expect(requests.count == 1 && requests[0].body.isEmpty)
            let escaped =
                "u%0D%0Ax-amz-acl%3A%20public-read%0D%0A%0D%0ADELETE%20%2Fuploads%2Fother%20HTTP%2F1.1%0D%0A"
            #expect(head.hasPrefix("DELETE /uploads/users/"))
            #expect(head.split(separator: "\r\n").first?.contains("uploadId=\(escaped)") == true)
            #expect(!head.contains("\r\nx-amz-acl") && !head.contains("\r\nDELETE"))
        }
    }

    @Test("is refused in a content type, before anything is sent")
    func contentType() async throws {
        try await withScriptedStore([]) { client, server in
            let error = await expect(kind: .permanent) {
                try await client.createMultipartUpload(
                    key: "k",
                    contentType: "image/png\r\nx-amz-acl: public-read",
                    metadata: [:]
                )
            }
            #expect(error?.code == "InvalidArgument")
            #expect(server.requests.isEmpty)
        }
    }

    @Test("is no more than text in a list of parts")
    func etag() {
        let body = CompleteMultipartUploadBody.bytes(parts: [(1, "e</ETag></Part><Part>\r\n<PartNumber>2")])
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.split(separator: "<Part>").count == 2)
        #expect(text.split(separator: "<PartNumber>").count == 2)
    }
}
