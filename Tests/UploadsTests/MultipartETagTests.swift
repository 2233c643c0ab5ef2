import Testing

@testable import Uploads

@Suite("A multipart ETag")
struct MultipartETagTests {
    private static func parts(_ etags: [String]) throws -> [Part] {
        try etags.enumerated().map { Part(number: $0.offset + 1, etag: try ETag(parsing: $0.element)) }
    }

    /// Expected by `md5(bytes.fromhex(a) + bytes.fromhex(b))` in Python.
    @Test(
        "is the MD5 of the parts' MD5s",
        arguments: [
            (["d41d8cd98f00b204e9800998ecf8427e"], "59adb24ef3cdbe0297f05b395827453f-1"),
            (
                ["900150983cd24fb0d6963f7d28e17f72", "f96b697d7cb7938d525a2f31aaf161d0"],
                "dd18751f7ea93aa3d325ee90fa54f474-2"
            ),
            (["900150983CD24FB0D6963F7D28E17F72"], "af5da9f45af7a300e3aded972f8ff687-1"),
        ]
    )
    func isMD5OfMD5s(etags: [String], expected: String) throws {
        #expect(MultipartETag.ofObject(madeOf: try Self.parts(etags)) == expected)
    }

    @Test(
        "is unknown where a part's ETag is no MD5",
        arguments: [
            "abc", "900150983cd24fb0d6963f7d28e17f7", "x00150983cd24fb0d6963f7d28e17f72",
            "900150983cd24fb0d6963f7d28e17f72-2",
        ]
    )
    func isUnknown(etag: String) throws {
        #expect(MultipartETag.ofObject(madeOf: try Self.parts([etag])) == nil)
    }
}
