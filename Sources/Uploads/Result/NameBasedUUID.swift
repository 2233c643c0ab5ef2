import Hashing

/// A UUID derived from a name (version 5, RFC 9562): the same name gives the same UUID.
///
/// The name is a list of values, each written behind its length, so that no two lists run together.
struct NameBasedUUID {
    private var name: [UInt8]

    init(namespace: [UInt8]) {
        self.name = namespace
    }

    mutating func append(_ value: some Collection<UInt8>) {
        self.append(UInt64(value.count))
        self.name += value
    }

    /// A value that is missing differs from one that is empty.
    mutating func append(_ value: (some Collection<UInt8>)?) {
        self.name.append(value == nil ? 0 : 1)
        if let value { self.append(value) }
    }

    mutating func append(_ text: String) {
        self.append(text.utf8)
    }

    mutating func append(_ number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { self.name += $0 }
    }

    /// In lower case.
    var text: String {
        var bytes = Array(SHA1.hash(self.name).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
