@testable import Uploads

/// What must be true of every request that was accepted.
enum RequestRulesCheck {
    static func check(_ request: UploadRequest, of kind: RequestKind, rules: UploadRules) throws(Finding) {
        try Finding.unless(request.kind == kind, "the request is of the kind that was asked for")
        let (file, user) = (request.file.fileID.rawValue, request.file.userID.rawValue)
        try Finding.unless(self.isIdentifier(file, maxLength: 128), "the file id keeps its rule")
        try Finding.unless(self.isIdentifier(user, maxLength: 64), "the user id keeps its rule")
        let key = rules.keyTemplate.key(for: request.file).rawValue
        try Finding.unless(key == "users/\(user)/\(file)" && key.utf8.count <= 1024, "the key keeps its rule")
        if let uploadID = request.uploadID?.rawValue {
            try Finding.unless(
                (1...4096).contains(uploadID.utf8.count) && uploadID.unicodeScalars.count <= 1024,
                "the upload id keeps its rule"
            )
        }
        switch request {
        case .start(let start): try self.check(start, rules)
        case .complete(let complete): try self.check(complete.parts)
        case .resume, .abort: break
        }
    }

    private static func check(_ start: StartRequest, _ rules: UploadRules) throws(Finding) {
        try Finding.unless((1...rules.maxPartCount).contains(start.partCount), "the part count keeps its rule")
        try Finding.unless(
            start.contentType == .unspecified || rules.allowedContentTypes.contains(start.contentType.rawValue),
            "the content type is allowed"
        )
    }

    private static func check(_ parts: [Part]) throws(Finding) {
        try Finding.unless(
            !parts.isEmpty && parts.map(\.number) == Array(1...parts.count),
            "parts are 1 to n, in order"
        )
        for part in parts {
            let etag = part.etag.rawValue.utf8
            try Finding.unless(
                (1...256).contains(etag.count) && etag.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 },
                "an etag keeps its rule"
            )
        }
    }

    private static func isIdentifier(_ text: String, maxLength: Int) -> Bool {
        (1...maxLength).contains(text.utf8.count) && text.utf8.allSatisfy(self.alphabet.contains) && text != "."
            && text != ".."
    }

    private static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-".utf8)
}
