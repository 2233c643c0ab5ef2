/// Makes inputs of the corpus: each one or a fresh one, with a few changes of bytes, tokens and stretches.
struct Mutator<Target: FuzzTarget> {
    let corpus: [[UInt8]]
    /// Longer ones take time and show nothing more; nesting has cases of its own.
    private static var maxLength: Int { 8192 }

    func input(number: Int, seed: UInt64) -> [UInt8] {
        var random = FuzzRandom(seed: seed, number: number)
        var input = Target.fresh(using: &random) ?? random.pick(self.corpus)
        for _ in 0..<random.pick([0, 1, 1, 1, 2, 2, 3, 5, 8]) {
            self.mutate(&input, &random)
        }
        return Array(input.prefix(Self.maxLength))
    }

    private func mutate(_ input: inout [UInt8], _ random: inout FuzzRandom) {
        let range = Self.stretch(of: input, &random)
        switch random.below(8) {
        case 0: self.changeByte(&input, &random)
        case 1: input.removeSubrange(range)
        case 2: input.insert(contentsOf: input[range], at: random.below(input.count + 1))
        case 3:
            input.insert(
                contentsOf: Array(repeating: input[range], count: random.below(40)).joined(),
                at: range.lowerBound
            )
        case 4: input.replaceSubrange(range, with: self.splice(&random))
        case 5: input.replaceSubrange(range, with: random.pick(Target.tokens))
        default: input.insert(contentsOf: random.pick(Target.tokens), at: random.below(input.count + 1))
        }
    }

    private func changeByte(_ input: inout [UInt8], _ random: inout FuzzRandom) {
        guard !input.isEmpty else { return }
        let index = random.below(input.count)
        switch random.below(3) {
        case 0: input[index] ^= 1 << random.below(8)
        case 1: input[index] = UInt8(random.below(256))
        default: input[index] = random.pick([0, 1, 0x0A, 0x0D, 0x20, 0x22, 0x7F, 0x80, 0xC0, 0xE2, 0xED, 0xF0, 0xFF])
        }
    }

    private func splice(_ random: inout FuzzRandom) -> ArraySlice<UInt8> {
        let other = random.pick(self.corpus)
        return other[Self.stretch(of: other, &random)]
    }

    /// Mostly a short one.
    private static func stretch(of input: [UInt8], _ random: inout FuzzRandom) -> Range<Int> {
        let start = random.below(input.count + 1)
        let longest = min(input.count - start, random.pick([1, 4, 16, 64, 8192]))
        return start..<start + random.below(longest + 1)
    }
}
