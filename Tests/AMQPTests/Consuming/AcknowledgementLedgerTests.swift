import Testing

@testable import AMQP

@Suite("The ledger of acknowledgements")
struct AcknowledgementLedgerTests {
    @Test("acknowledges the finished deliveries, together where no tag between is open")
    func dialogues() {
        var ledger = AcknowledgementLedger()
        for tag in 1...10 as ClosedRange<UInt64> { #expect(ledger.delivered(tag) == true) }
        #expect(ledger.takeActions() == [])

        ledger.settle(1, as: .acknowledged)
        #expect(ledger.takeActions() == [.acknowledge(1, upTo: false)])

        for tag in [4, 2, 3] as [UInt64] { ledger.settle(tag, as: .acknowledged) }
        #expect(ledger.takeActions() == [.acknowledge(4, upTo: true)])

        // 5 hangs: what comes after it is acknowledged all the same.
        ledger.settle(7, as: .acknowledged)
        ledger.settle(6, as: .acknowledged)
        #expect(ledger.takeActions() == [.acknowledge(7, upTo: false), .acknowledge(6, upTo: false)])
        #expect(ledger.outstandingCount == 4)

        // 6 and 7 are settled: the next open tags are 5 and 8.
        ledger.settle(8, as: .acknowledged)
        ledger.settle(5, as: .acknowledged)
        #expect(ledger.takeActions() == [.acknowledge(8, upTo: true)])
        #expect(ledger.outstandingCount == 2)
    }

    @Test("rejects before it acknowledges up to a higher tag")
    func rejections() {
        var ledger = AcknowledgementLedger()
        for tag in 1...4 as ClosedRange<UInt64> { #expect(ledger.delivered(tag) == true) }
        ledger.settle(1, as: .acknowledged)
        ledger.settle(3, as: .acknowledged)
        ledger.settle(2, as: .rejected)
        ledger.settle(4, as: .released)
        #expect(
            ledger.takeActions() == [
                .reject(2, requeue: false), .reject(4, requeue: true), .acknowledge(3, upTo: true),
            ]
        )
        #expect(ledger.outstandingCount == 0)
        #expect(ledger.takeActions() == [])
    }

    @Test("never names a tag twice, nor one that it never had")
    func settledOnce() {
        var ledger = AcknowledgementLedger()
        #expect(ledger.delivered(1) == true)
        ledger.settle(1, as: .acknowledged)
        ledger.settle(1, as: .rejected)
        ledger.settle(0, as: .acknowledged)
        ledger.settle(2, as: .acknowledged)
        #expect(ledger.takeActions() == [.acknowledge(1, upTo: false)])
        ledger.settle(1, as: .acknowledged)
        #expect(ledger.takeActions() == [])
    }

    @Test("takes only the tag that follows the last", arguments: [0, 1, 3] as [UInt64])
    func outOfOrder(tag: UInt64) {
        var ledger = AcknowledgementLedger()
        #expect(ledger.delivered(1) == true)
        #expect(ledger.delivered(tag) == false)
        #expect(ledger.delivered(2) == true)
    }

    /// A broker's view: what it still counts as unacknowledged must be what the ledger holds, in any order of events.
    @Test("agrees with the broker on what is open", arguments: 0..<50 as Range<UInt64>)
    func agreesWithBroker(seed: UInt64) {
        var random = SplitMix(state: seed)
        var ledger = AcknowledgementLedger()
        var open: Set<UInt64> = []
        var settled: Set<UInt64> = []
        var next: UInt64 = 1
        for _ in 0..<600 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                #expect(ledger.delivered(next) == true)
                open.insert(next)
                next += 1
            case 2, 3:
                guard let tag = open.subtracting(settled).sorted().randomElement(using: &random) else { continue }
                settled.insert(tag)
                ledger.settle(tag, as: Bool.random(using: &random) ? .acknowledged : .rejected)
            default:
                for action in ledger.takeActions() {
                    switch action {
                    case .reject(let tag, _), .acknowledge(let tag, upTo: false):
                        #expect(open.remove(tag) != nil, "the broker closes the channel over an unknown tag")
                    case .acknowledge(let tag, upTo: true):
                        #expect(open.contains(tag))
                        #expect(open.filter { $0 <= tag }.isSubset(of: settled), "an open delivery is swallowed")
                        open = open.filter { $0 > tag }
                    }
                }
                #expect(open.isDisjoint(with: settled))
                #expect(open.count == ledger.outstandingCount)
            }
        }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
