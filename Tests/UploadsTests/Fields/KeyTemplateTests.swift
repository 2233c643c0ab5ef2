import Testing

@testable import Uploads

@Suite("Key template")
struct KeyTemplateTests {
    @Test(
        "puts the ids in",
        arguments: [
            ("users/{user_id}/{file_id}", "users/42/a.png"),
            ("{file_id}/{user_id}", "a.png/42"),
            ("{user_id}/{file_id}/{file_id}.{user_id}", "42/a.png/a.png.42"),
            ("{user_id}/-{file_id}", "42/-a.png"),
            ("ü {user_id}:{file_id}", "ü 42:a.png"),
            ("..{user_id}/.{file_id}.", "..42/.a.png."),
        ]
    )
    func keys(template: String, key: String) throws {
        #expect(try KeyTemplate(parsing: template).key(for: Fixture.file()).rawValue == key)
    }

    @Test("is the contract's by default")
    func standard() throws {
        #expect(try KeyTemplate.standard == KeyTemplate(parsing: "users/{user_id}/{file_id}"))
        #expect(UploadRules().keyTemplate == .standard)
    }

    @Test(
        "is refused where two files could share a key, or a key be no key",
        arguments: [
            ("", .missingPlaceholder("{user_id}")), ("{file_id}", .missingPlaceholder("{user_id}")),
            ("users/{user_id}", .missingPlaceholder("{file_id}")),
            ("{user_id}/{file_id}/{name}", .unknownPlaceholder), ("{user_id}/{file_id}/{", .unknownPlaceholder),
            ("{user_id}/{file_id}}", .unknownPlaceholder), ("{{user_id}}/{file_id}", .unknownPlaceholder),
            ("{user_id}/{file_id}/{\u{301}", .unknownPlaceholder), ("{USER_ID}/{file_id}", .unknownPlaceholder),
            ("/{user_id}/{file_id}", .emptySegment), ("{user_id}//{file_id}", .emptySegment),
            ("{user_id}/{file_id}/", .emptySegment), ("{user_id}/{file_id}/.", .pathStep),
            ("../{user_id}/{file_id}", .pathStep), ("a/../{user_id}/{file_id}", .pathStep),
            ("{user_id}/\n{file_id}", .controlCharacter), ("{user_id}\0/{file_id}", .controlCharacter),
            ("{user_id}{file_id}", .ambiguous), ("{user_id}-{file_id}", .ambiguous),
            ("a/{user_id}.{file_id}/b", .ambiguous),
        ] as [(String, KeyTemplateError)]
    )
    func refused(template: String, error: KeyTemplateError) {
        #expect(throws: error) { try KeyTemplate(parsing: template) }
    }

    @Test("counts the longest ids: one below what S3 allows, at it, one above")
    func limits() throws {
        let ids = "/{user_id}/{file_id}"
        let room = 1024 - 2 - 64 - 128
        let longest = FileReference(
            userID: try UserID(parsing: String(repeating: "u", count: 64)),
            fileID: try FileID(parsing: String(repeating: "f", count: 128))
        )
        for length in [room - 1, room] {
            let template = try KeyTemplate(parsing: String(repeating: "k", count: length) + ids)
            #expect(template.key(for: longest).rawValue.utf8.count == length + 1024 - room)
        }
        #expect(throws: KeyTemplateError.tooLong(1025)) {
            try KeyTemplate(parsing: String(repeating: "k", count: room + 1) + ids)
        }
        #expect(throws: KeyTemplateError.tooLong(1025)) {
            try KeyTemplate(parsing: String(repeating: "é", count: room / 2) + "k" + ids)
        }
    }
}
