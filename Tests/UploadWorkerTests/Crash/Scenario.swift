import Uploads

/// What there is before, what is asked, and how many workers serve it. Written as it is read back: `open/complete+abort/two`.
struct Scenario: Sendable, CustomStringConvertible {
    enum Before: String, CaseIterable, Sendable {
        case nothing
        /// An upload with its parts, and its session.
        case open
        /// The same, with a database that lost it.
        case lost
        /// A session whose upload the store does not have.
        case gone
        case completed, aborted, expired
        /// An open session past its time.
        case overdue
    }

    enum Step: String, CaseIterable, Sendable {
        case start, complete, resume, abort
        /// A start with another part count.
        case startOther
        case sweep

        static let requests: [Step] = [.start, .complete, .resume, .abort]

        var kind: RequestKind? {
            switch self {
            case .start, .startOther: .start
            case .complete: .complete
            case .resume: .resume
            case .abort: .abort
            case .sweep: nil
            }
        }
    }

    let before: Before
    let steps: [Step]
    var hasTwoWorkers = false
    /// Whether the store gives the same answer to a Complete that comes again, as AWS does.
    var storeRemembers = false
    /// Whether the requests come without a message id.
    var isUnnamed = false
    /// Whether the requests were delivered so often before that the broker dead-letters them the next time.
    var isLate = false

    var description: String {
        let steps = self.steps.map(\.rawValue).joined(separator: "+")
        let suffix = (self.hasTwoWorkers ? "/two" : "/one") + (self.storeRemembers ? "/remembers" : "")
        let requests = (self.isUnnamed ? "/unnamed" : "") + (self.isLate ? "/late" : "")
        return "\(self.before.rawValue)/\(steps)\(suffix)\(requests)"
    }

    init(_ before: Before, _ steps: [Step], two: Bool = false, storeRemembers: Bool = false) {
        self.before = before
        self.steps = steps
        self.hasTwoWorkers = two
        self.storeRemembers = storeRemembers
    }

    init?(parsing text: String) {
        let fields = text.split(separator: "/").map(String.init)
        guard fields.count >= 3, let before = Before(rawValue: fields[0]) else { return nil }
        let steps = fields[1].split(separator: "+").compactMap { Step(rawValue: String($0)) }
        self.init(before, steps, two: fields[2] == "two", storeRemembers: fields.contains("remembers"))
        self.isUnnamed = fields.contains("unnamed")
        self.isLate = fields.contains("late")
    }

    var unnamed: Scenario {
        var scenario = self
        scenario.isUnnamed = true
        return scenario
    }

    var late: Scenario {
        var scenario = self
        scenario.isLate = true
        return scenario
    }
}

extension Scenario {
    static var singles: [Scenario] {
        Before.allCases.flatMap { before in Step.requests.map { Scenario(before, [$0]) } }
    }

    /// Those whose every effect matters, for deeper searches.
    static let likelySingles = [
        Scenario(.nothing, [.start]), Scenario(.open, [.complete]), Scenario(.open, [.abort]),
    ]

    static let likelyPairs = [
        Scenario(.nothing, [.start, .start], two: true), Scenario(.open, [.complete, .abort], two: true),
        Scenario(.open, [.complete, .complete], two: true), Scenario(.open, [.start, .abort], two: true),
        Scenario(.overdue, [.complete, .sweep], two: true), Scenario(.overdue, [.start, .sweep], two: true),
        Scenario(.overdue, [.resume, .sweep], two: true), Scenario(.open, [.complete, .abort]),
    ]

    /// Every pair, in one process and on two workers; sweeps where there is something to sweep.
    static var pairs: [Scenario] {
        Before.allCases.flatMap { before in
            self.stepPairs(of: before).flatMap { steps in
                [false, true].map { Scenario(before, steps, two: $0) }
            }
        }
    }

    private static func stepPairs(of before: Before) -> [[Step]] {
        let requests = Step.requests
        var pairs = requests.enumerated().flatMap { index, one in requests[index...].map { [one, $0] } }
        if before == .nothing { pairs.append([.start, .startOther]) }
        if before == .overdue { pairs += requests.map { [$0, .sweep] } }
        return pairs
    }

    static func random(using random: inout CrashRandom) -> Scenario {
        let count = Int.random(in: 1...3, using: &random)
        return Scenario(
            Before.allCases.randomElement(using: &random) ?? .open,
            (0..<count).map { _ in Step.allCases.randomElement(using: &random) ?? .start },
            two: Bool.random(using: &random),
            storeRemembers: Bool.random(using: &random)
        )
    }
}
