/// What a message shows of a value that was refused: short, printable, and of strings and numbers only.
struct Glimpse: Equatable, CustomStringConvertible {
    let description: String
    private let isMissing: Bool

    static let missing = Glimpse("nothing", isMissing: true)

    private init(_ description: String, isMissing: Bool = false) {
        self.description = description
        self.isMissing = isMissing
    }

    static func text(_ text: String) -> Self {
        Self("\"\(self.printable(text))\"")
    }

    static func value(_ value: JSONValue?) -> Self {
        switch value {
        case nil, .null: .missing
        case .bool(let bool): Self(bool ? "true" : "false")
        case .number(let number): Self(self.printable(number.literal))
        case .string(let text): .text(text)
        case .array: Self("an array")
        case .object: Self("an object")
        }
    }

    /// Unlike a field, a version that is null is there.
    static func version(_ value: JSONValue) -> Self {
        value == .null ? Self("null") : .value(value)
    }

    /// The end of a sentence that began with the rule.
    var asFound: String { self.isMissing ? "it is missing" : "found \(self.description)" }

    /// The first characters, with all but visible ASCII as `\u{…}`.
    static func printable(_ text: String, maxLength: Int = 64) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            let next = (0x20...0x7E).contains(scalar.value) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            guard shown.count + next.count <= maxLength else { return shown + "…" }
            shown += next
        }
        return shown
    }
}
