import Foundation
import S3
import Uploads

/// `sessions show`: what happened to an upload session, in order.
struct SessionTimeLine {
    let session: Session
    let stored: StoredParts
    let now: Date

    var lines: [String] {
        let file = self.session.file
        let head = [
            "file \(file.fileID.rawValue) of user \(file.userID.rawValue): \(self.session.state.name.rawValue)",
            "  upload id  \(self.session.uploadID.rawValue)",
            "  session    \(self.session.id.rawValue)",
            "  key        \(self.session.key.rawValue)",
            "  asked for  \(self.request)",
        ]
        return (head + self.events.map { "  \(RFC3339.text(of: $0.at))  \($0.event)" }).map(TextTable.printable)
    }

    private var request: String {
        guard let count = self.session.partCount else { return "unknown: the upload was found in the store" }
        return
            "\(count == 1 ? "1 part" : "\(count) parts") of \(self.session.contentType?.rawValue ?? "no content type")"
    }

    /// Oldest first; at the same moment what comes earlier in an upload's life.
    private var events: [(at: Date, event: String)] {
        var events = [(at: self.session.startedAt, event: "started")]
        let end = self.session.expiresAt
        switch self.session.state {
        case .started:
            events.append((self.now, "now: \(self.progress)"))
            events.append((end, end > self.now ? "the URLs end" : "the URLs ended; the worker will expire it"))
        case .completed(let completion, let date):
            events.append((date, "completed: \(Self.bytes(completion.size)) at \(completion.location)"))
        case .aborted(let date):
            events.append((date, "aborted"))
        case .expired(let date):
            events.append((end, "the URLs ended"))
            events.append((date, "expired"))
        }
        return events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private var progress: String {
        switch self.stored {
        case .parts(let parts):
            let total = self.session.partCount.map { " of \($0)" } ?? ""
            return "\(parts.count)\(total) parts in the store, \(Self.bytes(parts.reduce(0) { $0 + $1.size }))"
        case .notAsked: return "open"
        case .unknown(let reason): return "open; its parts are not known: \(reason)"
        }
    }

    private static func bytes(_ count: Int64) -> String { count == 1 ? "1 byte" : "\(count) bytes" }
}
