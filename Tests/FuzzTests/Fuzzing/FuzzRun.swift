import Foundation
import Testing

/// How long and from which seed; `make fuzz` sets these, a plain `swift test` runs a fixed few thousand cases.
struct FuzzRun: Sendable {
    /// Nil: `fewCases`.
    var seconds: Double?
    var seed: UInt64
    /// A file to check in place of everything else.
    var input: String?
    /// Where an input is kept while it is checked, so that it outlives a crash, and for good when it is a finding.
    var folder: URL?

    static let fewCases = 3000
    /// A case that takes longer is a finding.
    static let slowest = Duration.seconds(20)

    static var fromEnvironment: Self {
        let environment = ProcessInfo.processInfo.environment
        return Self(
            seconds: environment["FUZZ_SECONDS"].flatMap(Double.init),
            seed: environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 1,
            input: environment["FUZZ_INPUT"].flatMap { $0.isEmpty ? nil : $0 },
            folder: environment["FUZZ_FOLDER"].map { URL(filePath: $0, directoryHint: .isDirectory) }
        )
    }

    /// On a thread with as much stack as the reader has in the worker.
    func run<Target: FuzzTarget>(_ target: Target.Type) async throws {
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: Result { try self.runHere(target) }) }
            thread.stackSize = Target.stackSize
            thread.start()
        }
        try result.get()
    }

    private func runHere<Target: FuzzTarget>(_ target: Target.Type) throws {
        let recorder = try InputRecorder(folder: self.folder, target: Target.name)
        defer { recorder.close() }
        var count = FuzzCount(seconds: self.seconds)
        if let input {
            try self.check(Array(Data(contentsOf: URL(filePath: input))), of: target, "it", recorder, &count)
            return print("\(Target.name): \(count)")
        }
        let corpus = try Corpus.inputs(of: Target.name)
        for input in Target.deep { try self.check(input, of: target, "a deep one", recorder, &count) }
        for seed in corpus { try self.check(seed.bytes, of: target, seed.name, recorder, &count) }
        let mutator = Mutator<Target>(corpus: corpus.map(\.bytes))
        var number = 0
        while count.goesOn(number) {
            let input = mutator.input(number: number, seed: self.seed)
            try self.check(input, of: target, "case \(number) of seed \(self.seed)", recorder, &count)
            number += 1
        }
        print("\(Target.name): \(count), seed \(self.seed)")
        // A reader that refuses nearly all of them is not tested by the rest.
        try #require(count.accepted * 50 > count.checked, "\(Target.name) takes too few of its inputs: \(count)")
    }

    private func check<Target: FuzzTarget>(
        _ input: [UInt8],
        of target: Target.Type,
        _ origin: String,
        _ recorder: InputRecorder,
        _ count: inout FuzzCount
    ) throws {
        recorder.begin(input)
        do throws(Finding) {
            let start = ContinuousClock.now
            count.add(isAccepted: try Target.check(input))
            let time = ContinuousClock.now - start
            try Finding.unless(time < Self.slowest, "is read in less than \(Self.slowest), it took \(time)")
        } catch {
            throw try recorder.report(error, in: input, origin)
        }
    }
}

/// What was done so far.
struct FuzzCount: CustomStringConvertible {
    private(set) var checked = 0
    private(set) var accepted = 0
    private let end: ContinuousClock.Instant?

    init(seconds: Double?) {
        self.end = seconds.map { .now + .seconds($0) }
    }

    mutating func add(isAccepted: Bool) {
        self.checked += 1
        if isAccepted { self.accepted += 1 }
    }

    func goesOn(_ number: Int) -> Bool {
        self.end.map { ContinuousClock.now < $0 } ?? (number < FuzzRun.fewCases)
    }

    var description: String { "\(self.checked) inputs checked, \(self.accepted) of them accepted" }
}
