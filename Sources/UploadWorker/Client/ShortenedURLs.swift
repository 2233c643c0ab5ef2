/// Hides what makes a presigned URL a secret: everything after its `?`.
enum ShortenedURLs {
    static func shorten(_ text: String) -> String {
        text.replacing(#/\?[^"\s]*X-Amz-Signature=[^"\s]*/#, with: "?…")
    }
}
