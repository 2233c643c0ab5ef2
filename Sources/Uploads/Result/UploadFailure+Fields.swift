/// Refusals of a field that is missing or breaks its rule.
extension UploadFailure {
    package static func malformedMessage(_ reason: String) -> Self {
        Self(.malformedMessage, "the body must be one JSON object in UTF-8: \(reason)")
    }

    static func unsupportedVersion(found: Glimpse) -> Self {
        Self(
            .unsupportedVersion,
            "version must be the integer 1 or be left out, not \(found): this worker knows version 1 only",
            field: "version"
        )
    }

    static func invalidFileID(found: Glimpse) -> Self {
        let rule = "file_id must be a string, a UUID or \(self.idRule(maxLength: FileID.maxLength))"
        return Self(.invalidFileID, "\(rule); \(found.asFound)", field: "file_id")
    }

    static func invalidUserID(found: Glimpse) -> Self {
        let rule =
            "user_id must be an integer from 0 to \(Int64.max) or a string of "
            + self.idRule(maxLength: UserID.maxLength)
        return Self(.invalidUserID, "\(rule); \(found.asFound)", field: "user_id")
    }

    static func invalidPartCount(found: Glimpse, max: Int) -> Self {
        Self(
            .invalidPartCount,
            "part_count must be an integer from 1 to \(max), without quotes; \(found.asFound)",
            field: "part_count"
        )
    }

    /// `part_count` of a complete request.
    static func invalidPartCount(found: Glimpse, parts: Int?) -> Self {
        let rule = "part_count may be left out, or must be the number of parts"
        let count = parts.map { ", which is \($0)" } ?? ""
        return Self(.invalidPartCount, "\(rule)\(count); \(found.asFound)", field: "part_count")
    }

    static func invalidContentType(found: Glimpse, allowed: Set<String>) -> Self {
        let list = allowed.sorted().joined(separator: ", ")
        let rule = "content_type may be left out, or must be one of \(list), without parameters"
        return Self(.invalidContentType, "\(rule); \(found.asFound)", field: "content_type")
    }

    static func invalidUploadID(found: Glimpse) -> Self {
        let rule = "upload_id must be the string that the start request's result gave, 1 to \(UploadID.maxLength)"
        return Self(.invalidUploadID, "\(rule) characters; \(found.asFound)", field: "upload_id")
    }

    static func invalidParts(_ rule: String, found: Glimpse) -> Self {
        self.invalidParts("\(rule); \(found.asFound)")
    }

    package static func invalidParts(_ message: String) -> Self {
        Self(.invalidParts, "parts: \(message)", field: "parts")
    }

    private static func idRule(maxLength: Int) -> String {
        "1 to \(maxLength) of A-Z a-z 0-9 . _ ~ -, not . or .."
    }
}
