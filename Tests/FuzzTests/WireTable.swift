/// Field tables written by hand, in every kind and with lengths that are right until a mutation changes them.
enum WireTable {
    static func random(depth: Int, using random: inout FuzzRandom) -> [UInt8] {
        var content: [UInt8] = []
        for _ in 0..<random.pick([0, 1, 1, 2, 4]) {
            let name = random.pick(self.names)
            content += [UInt8(name.utf8.count)] + name.utf8 + self.value(depth: depth - 1, using: &random)
        }
        return self.framed(content)
    }

    /// Behind its length.
    static func framed(_ content: [UInt8]) -> [UInt8] {
        self.bytes(of: UInt32(content.count)) + content
    }

    /// `levels` of tables, each of which holds the next under `name`.
    static func nested(_ levels: Int, kind: Unicode.Scalar, size: Int, name: [UInt8]) -> [UInt8] {
        (0..<levels).flatMap { level in
            let rest = (levels - 1 - level) * size
            return self.bytes(of: UInt32(rest)) + (rest > 0 ? name + [UInt8(ascii: kind)] : [])
        }
    }

    static func nestedArrays(_ levels: Int) -> [UInt8] {
        (0..<levels).flatMap { [UInt8(ascii: "A")] + self.bytes(of: UInt32((levels - 1 - $0) * 5)) }
    }

    private static let names = ["a", "x-death", "x-delivery-count", "CC", "traceparent", "upload-attempts", "", "é"]

    private static func value(depth: Int, using random: inout FuzzRandom) -> [UInt8] {
        let kinds = Array("tbBsuIilLfdDTSxVAF".utf8)
        let kind = depth > 0 ? random.pick(kinds) : random.pick(Array(kinds.dropLast(2)))
        return [kind] + self.content(of: Unicode.Scalar(kind), depth: depth, using: &random)
    }

    private static func content(of kind: Unicode.Scalar, depth: Int, using random: inout FuzzRandom) -> [UInt8] {
        switch kind {
        case "t", "b", "B": self.noise(1, using: &random)
        case "s", "u": self.noise(2, using: &random)
        case "I", "i", "f": self.noise(4, using: &random)
        case "D": self.noise(5, using: &random)
        case "l", "L", "d", "T": self.noise(8, using: &random)
        case "S", "x": self.framed(self.noise(random.below(20), using: &random))
        case "A": self.framed((0..<random.below(4)).flatMap { _ in self.value(depth: depth - 1, using: &random) })
        case "F": self.random(depth: depth, using: &random)
        default: []
        }
    }

    private static func noise(_ count: Int, using random: inout FuzzRandom) -> [UInt8] {
        (0..<count).map { _ in random.pick([0, 1, 0x7F, 0x80, 0xFF, UInt8(random.below(256))]) }
    }

    private static func bytes(of number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
    }
}
