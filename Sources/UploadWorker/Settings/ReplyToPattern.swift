import Foundation

/// The operator's rule for the queues that results may be sent to.
struct ReplyToPattern: Sendable {
    private let expression: NSRegularExpression

    init(_ text: String) throws(SettingError) {
        do {
            // By itself first: in the group below, `a)|(b` would pass for one and match something else.
            _ = try NSRegularExpression(pattern: text)
            self.expression = try NSRegularExpression(pattern: "\\A(?:\(text))\\z")
        } catch {
            throw SettingError("REPLY_TO_PATTERN", value: text, "it is not a regular expression")
        }
    }

    /// Whether the whole name matches, not a part of it.
    func matches(_ name: String) -> Bool {
        let whole = NSRange(name.startIndex..., in: name)
        return self.expression.firstMatch(in: name, range: whole)?.range == whole
    }
}
