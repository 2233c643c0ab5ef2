import Foundation
import Uploads

/// The session database: what `SessionStore` promises.
extension World {
    func known(_ file: FileReference, _ uploadID: UploadID?) -> KnownSessions {
        KnownSessions(
            named: self.rows.first { $0.file == file && $0.uploadID == uploadID },
            latest: self.latest(of: file)
        )
    }

    mutating func insert(_ session: Session) -> Session? {
        let sameFile = self.rows.filter { $0.file == session.file }
        guard !sameFile.contains(where: { ($0.isOpen && session.isOpen) || $0.uploadID == session.uploadID }) else {
            return self.latest(of: session.file)
        }
        self.rows.append(session)
        return nil
    }

    mutating func extend(_ session: Session) -> Bool {
        guard let index = self.openRow(session) else { return !self.rows.contains { $0.id == session.id } }
        if self.expiring.contains(session.id) { return false }
        self.rows[index] = self.rows[index].extended(to: max(self.rows[index].expiresAt, session.expiresAt))
        return true
    }

    mutating func beginExpiry(of session: Session) -> Bool {
        guard let index = self.openRow(session), self.rows[index].expiresAt <= session.expiresAt else { return false }
        self.expiring.insert(session.id)
        return true
    }

    mutating func end(_ session: Session) -> Session {
        let isOpenHere = { (row: Session) in row.isOpen && row.file == session.file && row.uploadID == session.uploadID
        }
        if let index = self.rows.firstIndex(where: isOpenHere) {
            self.rows[index] = self.rows[index].ended(as: session.state)
            return self.rows[index]
        }
        if let ended = self.known(session.file, session.uploadID).named { return ended }
        self.rows.append(session)
        return session
    }

    func overdue(before date: Date, skip: Int, limit: Int) -> [Session] {
        Array(self.rows.filter { $0.isOpen && $0.expiresAt < date }.dropFirst(skip).prefix(limit))
    }

    mutating func note(_ check: StrayCheck) {
        self.strayChecks.removeAll { $0.file == check.file && $0.notedAt <= check.notedAt }
        if !self.strayChecks.contains(where: { $0.file == check.file }) { self.strayChecks.append(check) }
    }

    func strayChecks(before date: Date, skip: Int, limit: Int) -> [StrayCheck] {
        Array(self.strayChecks.filter { $0.notedAt < date }.dropFirst(skip).prefix(limit))
    }

    mutating func forget(_ check: StrayCheck) {
        self.strayChecks.removeAll { $0.file == check.file && $0.notedAt <= check.notedAt }
    }

    private func latest(of file: FileReference) -> Session? {
        self.rows.last { $0.file == file && $0.isOpen } ?? self.rows.last { $0.file == file }
    }

    private func openRow(_ session: Session) -> Int? {
        self.rows.firstIndex { $0.id == session.id && $0.isOpen }
    }
}

extension Session {
    fileprivate func ended(as state: State) -> Session {
        switch state {
        case .started: self
        case .completed(let completion, let date): self.completed(with: completion, at: date)
        case .aborted(let date): self.aborted(at: date)
        case .expired(let date): self.expired(at: date)
        }
    }
}
