/// The characters of file and user ids: unreserved in a URL and harmless in an object key.
enum IdentifierAlphabet {
    /// True for 1 to `maxLength` characters of the alphabet that are not a path step (`.` or `..`).
    static func accepts(_ text: String, maxLength: Int) -> Bool {
        (1...maxLength).contains(text.utf8.count) && text.utf8.allSatisfy(self.contains) && text != "." && text != ".."
    }

    static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
