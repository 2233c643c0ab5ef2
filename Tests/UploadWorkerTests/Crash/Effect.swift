/// What a process does to the world around it, or asks of it.
enum Effect: String, Sendable {
    case create, complete, abort, listParts, listUploads, head
    case readRows, insert, extend, beginExpiry, end, noteStrays, forgetStray
    case publish, acknowledge, release

    /// What may go wrong with it, beside nothing.
    var faults: [Fault] {
        switch self {
        case .create, .complete, .abort:
            [.killedBefore, .killedAfter, .failedBefore, .failedAfter, .repeated, .refused, .redelivered]
        case .listParts, .head: [.killedBefore, .failedBefore, .refused, .redelivered]
        case .listUploads: [.killedBefore, .failedBefore, .redelivered]
        case .readRows: [.killedBefore, .failedBefore, .fatalBefore, .redelivered]
        case .insert, .extend, .beginExpiry, .end, .noteStrays, .forgetStray:
            [.killedBefore, .killedAfter, .failedBefore, .failedAfter, .fatalBefore, .fatalAfter, .redelivered]
        case .publish: [.killedBefore, .killedAfter, .repeated, .returned, .redelivered]
        case .acknowledge, .release: [.killedBefore, .killedAfter, .redelivered]
        }
    }
}

/// How an effect goes wrong.
enum Fault: String, Sendable {
    case none
    /// The process dies; the effect did not or did happen.
    case killedBefore, killedAfter
    /// A failure that can pass, of unknown outcome: it did not or did happen.
    case failedBefore, failedAfter
    /// It happened twice, since the answer to the first was lost: a repetition in place by the store's client, or by the
    /// publisher after it lost its connection.
    case repeated
    /// The store refuses for good.
    case refused
    /// No queue takes the message.
    case returned
    /// The database failed for good; it is not or is stored.
    case fatalBefore, fatalAfter
    /// The consumer loses its connection: the delivery comes again elsewhere while this one goes on, and no longer counts.
    case redelivered

    var happens: Bool {
        switch self {
        case .none, .killedAfter, .failedAfter, .repeated, .fatalAfter, .redelivered: true
        case .killedBefore, .failedBefore, .refused, .returned, .fatalBefore: false
        }
    }

    var kills: Bool { self == .killedBefore || self == .killedAfter }
    var isFatal: Bool { self == .fatalBefore || self == .fatalAfter }
}

/// The process is dead: nothing it does has an effect.
struct ProcessDied: Error {}
