import FoundationEssentials

extension Session {
    package enum State: Hashable, Sendable {
        /// Open: parts may be put. Goes to any other state, once.
        case started
        /// The object is there. Final.
        case completed(Completion, at: Date)
        /// Given up by its owner. Final; the file may be started again, as another session.
        case aborted(at: Date)
        /// Given up by the worker, past its time. Final; the file may be started again, as another session.
        case expired(at: Date)

        /// A state as a store keeps it.
        package enum Name: String, CaseIterable, Sendable {
            case started, completed, aborted, expired
        }

        /// Reads a state back from a store's columns; nil where they do not fit together.
        package init?(name: Name, endedAt: Date?, completion: Completion?) {
            switch (name, endedAt, completion) {
            case (.started, nil, nil): self = .started
            case (.completed, let endedAt?, let completion?): self = .completed(completion, at: endedAt)
            case (.aborted, let endedAt?, nil): self = .aborted(at: endedAt)
            case (.expired, let endedAt?, nil): self = .expired(at: endedAt)
            case (.started, _, _), (.completed, _, _), (.aborted, _, _), (.expired, _, _): return nil
            }
        }

        package var name: Name {
            switch self {
            case .started: .started
            case .completed: .completed
            case .aborted: .aborted
            case .expired: .expired
            }
        }
    }

    package var isOpen: Bool { self.state == .started }

    /// nil while the session is open.
    package var endedAt: Date? {
        switch self.state {
        case .started: nil
        case .completed(_, let date), .aborted(let date), .expired(let date): date
        }
    }

    /// nil unless the session is completed.
    package var completion: Completion? {
        if case .completed(let completion, _) = self.state { completion } else { nil }
    }
}
