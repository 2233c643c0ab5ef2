import Foundation
import Uploads

/// What must hold of every answer when it is given, and of everything at the end.
extension World {
    mutating func auditTruth(of answer: PublishedAnswer) {
        let body = answer.body
        switch body.type {
        case "upload.started", "upload.resumed": self.auditOpen(answer)
        case "upload.completed": self.auditCompleted(body)
        case "upload.aborted":
            if self.upload(named: body.uploadID)?.isOpen == true { self.violate("aborted, but open: \(body.named)") }
            if self.hasObject(of: body.uploadID) { self.violate("aborted, but completed: \(body.named)") }
        case "upload.failed": self.auditFailed(answer)
        default: self.violate("a request is answered with \(body.type)")
        }
    }

    /// Another worker may end the upload while the answer is on its way, never before the request was looked at.
    private mutating func auditOpen(_ answer: PublishedAnswer) {
        guard let upload = self.upload(named: answer.body.uploadID) else {
            return self.violate("\(answer.body.named) was never opened")
        }
        if let endedAt = upload.endedAt, endedAt <= self.deliveries[answer.delivery].startedAt {
            self.violate("\(answer.body.type) with \(upload.id), which had ended")
        }
        // A lost upload of a file that was started anew is served without a row until it ends.
        if !self.orphans.contains(upload.id), !self.knowsSession(upload.id) {
            self.violate("\(answer.body.type) with \(upload.id), which is not saved")
        }
    }

    private mutating func auditCompleted(_ body: AnswerBody) {
        guard let key = body.key, let object = self.objects[key] else {
            return self.violate("completed, but there is no object: \(body.named)")
        }
        if object.upload.id != body.uploadID { self.violate("completed, but the object is of \(object.upload.id)") }
        if object.etag != body.etag { self.violate("completed with another ETag: \(body.named)") }
        if object.head.size != body.filesize { self.violate("completed with another size") }
        let row = self.rows.last { $0.uploadID.rawValue == body.uploadID }
        if row?.completion == nil {
            self.violate("completed, but not saved: \(body.named)")
        }
    }

    private mutating func auditFailed(_ answer: PublishedAnswer) {
        guard let code = answer.body.failureCode else {
            return self.violate("a failure without a code of the contract")
        }
        let id = answer.body.uploadID
        switch code {
        case .alreadyCompleted:
            if self.objects.isEmpty { self.violate("already completed, but there is no object") }
        case .uploadNotFound:
            if let id, self.hasObject(of: id), self.knowsSession(id) { self.violate("not found, but completed: \(id)") }
            if self.upload(named: id)?.isOpen == true { self.violate("not found, but open: \(id ?? "")") }
        case .uploadAborted, .uploadExpired:
            if self.hasObject(of: id) { self.violate("\(code), but completed: \(id ?? "")") }
            if self.upload(named: id)?.isOpen == true { self.violate("\(code), but open: \(id ?? "")") }
        case .storageRejected, .storageUnavailable:
            if !self.mayDeadLetter { self.violate("\(code), though nothing refused") }
        case .uploadConflict: self.auditConflict(answer)
        case .fileConflict: break
        case .malformedMessage, .unsupportedVersion, .invalidFileID, .invalidUserID, .invalidPartCount,
            .invalidContentType, .invalidUploadID, .invalidParts, .partMismatch, .partTooSmall:
            self.violate("refused with \(code)")
        }
    }

    /// The parts that a complete request names prove its upload's object, whatever else the file was started for.
    private mutating func auditConflict(_ answer: PublishedAnswer) {
        guard answer.body.request == "complete", let id = answer.body.uploadID,
            self.objects.values.contains(where: { $0.upload.id == id }),
            let endedAt = self.upload(named: id)?.endedAt, endedAt <= self.deliveries[answer.delivery].startedAt
        else { return }
        self.violate("a conflict, but completed: \(id)")
    }

    /// Answers of one id are equal, unless another request ended or opened the file's upload between them.
    mutating func auditEquality(of answer: PublishedAnswer) {
        guard let first = self.answers.first(where: { $0.messageID == answer.messageID }), first.body != answer.body
        else { return }
        let hadEnded = self.upload(named: first.body.uploadID)?.isOpen == false
        if !self.isAlone, hadEnded || first.body.type == "upload.failed" { return }
        // What the store refused once, it may take the next time.
        if self.mayDeadLetter, first.body.type == "upload.failed" { return }
        self.violate("two answers of one id: \(first.body) and \(answer.body)")
    }

    mutating func auditQuiet() {
        for (id, delivery) in self.deliveries.enumerated() where delivery.isOpen {
            self.violate("delivery \(id) is left unacknowledged")
        }
        for request in 0..<self.requestCount where !self.setAside.contains(request) {
            if self.answers.contains(where: { $0.request == request }) { continue }
            self.violate("request \(request) is not answered")
        }
        for answer in self.answers where ["upload.started", "upload.resumed"].contains(answer.body.type) {
            guard let id = answer.body.uploadID, self.expiries.contains(id) else { continue }
            self.violate("\(id) is expired, though its new URLs have all their time before them")
        }
        if self.deadLetters > 0, !self.mayDeadLetter { self.violate("\(self.deadLetters) dead letters") }
    }

    /// After the one sweep past everything's time.
    mutating func auditSwept() {
        // Where the store refused, a lifecycle rule of its own ends what is left.
        for upload in self.uploads where upload.isOpen && !self.mayDeadLetter {
            if self.orphans.contains(upload.id), !self.knowsSession(upload.id) { continue }
            self.violate("\(upload.id) is open after the sweep")
        }
        for row in self.rows where row.isOpen { self.violate("the session of \(row.uploadID.rawValue) is open") }
        for row in self.rows where !self.orphans.contains(row.uploadID.rawValue) {
            guard (row.completion != nil) != self.hasObject(of: row.uploadID.rawValue) else { continue }
            self.violate("the session of \(row.uploadID.rawValue) is \(row.state.name), unlike the store")
        }
        if !self.strayChecks.isEmpty { self.violate("\(self.strayChecks.count) checks are kept after the sweep") }
        for object in self.objects.values where object.parts != object.upload.parts {
            self.violate("the object of \(object.upload.id) is of other parts")
        }
        let expired = self.rows.filter { $0.state.name == .expired }.map(\.uploadID.rawValue)
        for id in expired where id != self.expiredBefore && !self.expiries.contains(id) {
            self.violate("\(id) is expired, and nobody was told")
        }
    }

    /// Of a lost session nobody knows the id that its object carries: until its completion is saved, nothing proves it to
    /// requests that do not name the parts.
    func hasObject(of id: String?) -> Bool {
        self.objects.values.contains { $0.upload.id == id && !self.orphans.contains($0.upload.id) }
    }

    private func knowsSession(_ id: String) -> Bool { self.rows.contains { $0.uploadID.rawValue == id } }
}

extension AnswerBody {
    fileprivate var named: String { self.uploadID ?? "no upload" }
}
