/// Headers that go out and into the signature just as they are: what Signature V4 would trim or fold is not let in.
enum SignableHeader {
    /// Lower-case letters, digits and hyphens.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// Visible ASCII, with single spaces inside.
    static func isValue(_ value: String) -> Bool {
        !value.isEmpty && !value.hasPrefix(" ") && !value.hasSuffix(" ") && !value.contains("  ")
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
