import Testing

@testable import Uploads

@Suite("Content types")
struct ContentTypeTests {
    @Test(
        "of the contract's list pass in any case and are kept in lower case",
        arguments: UploadRules.standardContentTypes
    )
    func accepted(text: String) throws {
        let allowed = UploadRules().allowedContentTypes
        #expect(try ContentType(parsing: text, allowed: allowed).rawValue == text)
        #expect(try ContentType(parsing: text.uppercased(), allowed: allowed).rawValue == text)
    }

    @Test("are the twelve of the contract")
    func list() {
        #expect(
            UploadRules().allowedContentTypes.sorted() == [
                "image/bmp", "image/gif", "image/heic", "image/heif", "image/jpeg", "image/png", "image/webp",
                "video/3gpp", "video/mp4", "video/quicktime", "video/webm", "video/x-m4v",
            ]
        )
    }

    @Test(
        "not on the list are refused",
        arguments: [
            "", "image", "image/", "image/svg+xml", "application/octet-stream", "text/html", "image/png; q=1",
            "image/png;", " image/png", "image/png ", "image/png\0", "video/quic\u{212A}time", "image/*",
        ]
    )
    func refused(text: String) {
        let allowed = UploadRules().allowedContentTypes
        #expect(throws: UploadFailure.invalidContentType(found: .text(text), allowed: allowed)) {
            try ContentType(parsing: text, allowed: allowed)
        }
    }

    @Test("follow the operator's list, however that is written")
    func operatorsList() throws {
        let rules = UploadRules(allowedContentTypes: ["Text/CSV"])
        #expect(try ContentType(parsing: "text/csv", allowed: rules.allowedContentTypes).rawValue == "text/csv")
        #expect(throws: UploadFailure.self) {
            try ContentType(parsing: "image/png", allowed: rules.allowedContentTypes)
        }
    }
}
