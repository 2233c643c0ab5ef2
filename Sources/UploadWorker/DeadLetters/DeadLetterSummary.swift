import AMQP
import Foundation
import Uploads

/// A line of `dead list`: what is kept of a dead letter that is only looked at.
struct DeadLetterSummary: Sendable {
    let position: Int
    let messageID: String?
    let account: DeadLetterAccount
    let fileID: String?
    let userID: String?
    let handle: Delivery.Handle

    init(_ delivery: Delivery, position: Int, names: TopologyNames, rules: UploadRules) {
        self.position = position
        self.messageID = delivery.properties.messageID?.description
        self.account = DeadLetterAccount(delivery, names: names)
        let subject = Self.subject(of: delivery, kind: self.account.queue.flatMap(names.kind(ofQueue:)), rules: rules)
        self.fileID = subject.fileID?.rawValue
        self.userID = subject.userID?.rawValue
        self.handle = delivery.handle
    }

    private static func subject(of delivery: Delivery, kind: RequestKind?, rules: UploadRules) -> RequestSubject {
        do {
            return RequestSubject(try UploadRequest(delivery, kind: kind ?? .start, rules: rules))
        } catch {
            return error.subject
        }
    }

    func json(more: (inout JSONWriter) -> Void = { _ in }) -> String {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.name("position")
            writer.integer(self.position)
            writer.member("message_id", self.messageID)
            writer.member("queue", self.account.queue)
            writer.member("code", self.account.code)
            writer.member("attempts", self.account.attempts)
            writer.member("file_id", self.fileID)
            writer.member("user_id", self.userID)
            writer.member("first_failed_at", self.account.firstFailedAt)
            writer.member("last_failed_at", self.account.lastFailedAt)
            writer.member("replays", self.account.replays)
            more(&writer)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension UploadRequest {
    init(_ delivery: Delivery, kind: RequestKind, rules: UploadRules) throws(RequestRefusal) {
        try self.init(parsing: delivery.body, bodySize: Int(clamping: delivery.bodySize), kind: kind, rules: rules)
    }
}

extension DeadLetterAccount {
    init(_ delivery: Delivery, names: TopologyNames) {
        let table = delivery.properties.headers ?? FieldTable()
        var headers: [String: HeaderValue] = [:]
        for name in Self.clearedHeaders.union([DeadLetter.replaysHeader]) {
            let value = table[name]
            headers[name] = value?.integer.map(HeaderValue.integer) ?? value?.text.map(HeaderValue.text)
        }
        self.init(headers: headers, deaths: Self.deaths(table["x-death" as AMQPString]), names: names)
    }

    private static func deaths(_ value: FieldValue?) -> [Death] {
        guard case .array(let entries) = value else { return [] }
        return entries.compactMap { entry in
            guard case .table(let table) = entry, let queue = table["queue" as AMQPString]?.text,
                let reason = table["reason" as AMQPString]?.text
            else { return nil }
            var at: Date?
            if case .timestamp(let seconds) = table["time" as AMQPString] {
                at = Date(timeIntervalSince1970: Double(seconds))
            }
            return Death(queue: queue, reason: reason, at: at)
        }
    }
}

extension JSONWriter {
    mutating func member(_ name: StaticString, _ text: String?) {
        self.name(name)
        if let text { self.string(text) } else { self.null() }
    }

    mutating func member(_ name: StaticString, _ number: Int64?) {
        self.name(name)
        if let number { self.integer(number) } else { self.null() }
    }
}
