/// The limits that an operator may set.
package struct UploadRules: Sendable {
    package static let standardContentTypes: Set<String> = [
        "image/jpeg", "image/png", "video/mp4", "image/heif", "image/heic", "video/quicktime", "image/webp",
        "video/3gpp", "video/webm", "image/gif", "video/x-m4v", "image/bmp",
    ]

    /// Also what an adopted session gets, whose part count nobody knows.
    package let maxPartCount: Int
    /// In lower case.
    package let allowedContentTypes: Set<String>
    /// Of a request's body.
    package let maxMessageBytes: Int
    package let keyTemplate: KeyTemplate

    package init(
        maxPartCount: Int = 20,
        allowedContentTypes: Set<String> = Self.standardContentTypes,
        maxMessageBytes: Int = 65536,
        keyTemplate: KeyTemplate = .standard
    ) {
        self.maxPartCount = max(1, maxPartCount)
        self.allowedContentTypes = Set(allowedContentTypes.map(ContentType.lowerCased))
        self.maxMessageBytes = maxMessageBytes
        self.keyTemplate = keyTemplate
    }
}
