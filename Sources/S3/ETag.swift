/// ETags travel in quotes, and are compared and reported without.
enum ETag {
    static func unquoted(_ text: String) -> String? {
        var etag = text[...]
        if etag.hasPrefix("W/") { etag.removeFirst(2) }
        if etag.utf8.count >= 2, etag.hasPrefix("\""), etag.hasSuffix("\"") { etag = etag.dropFirst().dropLast() }
        return etag.isEmpty || etag == "\"" ? nil : String(etag)
    }
}
