/// What a run decides, one number after the other: those given, then drawn ones, or else the first of each.
struct Choices: Sendable {
    private let given: [Int]
    private var random: CrashRandom?
    private var made: [(pick: Int, count: Int)] = []

    init(given: [Int] = [], random: CrashRandom? = nil) {
        self.given = given
        self.random = random
    }

    /// Without the zeros at the end, which go without saying.
    var picks: [Int] { self.made.map(\.pick).trimmed }

    /// - Parameter rare: whether anything but the first is drawn seldom.
    mutating func pick(of count: Int, rare: Bool = false) -> Int {
        guard count > 1 else { return 0 }
        let number = self.made.count
        let pick =
            if number < self.given.count {
                min(self.given[number], count - 1)
            } else {
                self.random?.pick(of: count, rare: rare) ?? 0
            }
        self.made.append((pick, count))
        return pick
    }

    /// The choices of the run after this one, where every run is to be had once; nil after the last.
    var successor: [Int]? {
        var picks = self.made
        while let last = picks.popLast() {
            if last.pick + 1 < last.count { return picks.map(\.pick) + [last.pick + 1] }
        }
        return nil
    }
}

extension [Int] {
    fileprivate var trimmed: [Int] {
        Array(self.reversed().drop { $0 == 0 }.reversed())
    }
}

/// SplitMix64.
struct CrashRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pick(of count: Int, rare: Bool) -> Int {
        if rare, Int.random(in: 0..<6, using: &self) > 0 { return 0 }
        return Int.random(in: 0..<count, using: &self)
    }
}
