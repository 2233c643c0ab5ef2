import AMQP
import Foundation
import Uploads

@testable import UploadWorker

/// The world as the scenario finds it.
extension Scenario {
    static let uploadID = "upload-0"

    func world() throws -> World {
        let file = FileReference(userID: try UserID(parsing: "42"), fileID: try FileID(parsing: "f"))
        let key = CrashSettings.shared.rules.keyTemplate.key(for: file)
        var world = World()
        world.remembersCompleted = self.storeRemembers
        if self.before != .nothing { try self.addUpload(to: &world, file, key) }
        for step in self.steps {
            guard let kind = step.kind else { continue }
            world.ready.append(self.message(world.ready.count, step, kind))
        }
        world.requestCount = world.ready.count
        world.isAlone = self.steps.count == 1
        // A worker ends itself what it cannot hand back any more.
        world.mayDeadLetter = self.isLate
        if self.before == .overdue { world.now += World.urlExpiry.inSeconds + CrashSettings.expiryGrace + 1 }
        return world
    }

    private static func parts(_ count: Int) throws -> [Part] {
        try (1...count).map { number in
            Part(number: number, etag: try ETag(parsing: String(repeating: "\(number)a", count: 16)))
        }
    }

    private func addUpload(to world: inout World, _ file: FileReference, _ key: ObjectKey) throws {
        let id = SessionID(UUID())
        let metadata = ["upload-session": id.rawValue]
        world.uploads.append(
            StoredUpload(
                id: Self.uploadID,
                key: key.rawValue,
                contentType: "video/mp4",
                metadata: metadata,
                parts: try Self.parts(2)
            )
        )
        let session = Session(
            id: id,
            file: file,
            uploadID: try UploadID(parsing: Self.uploadID),
            key: key,
            partCount: 2,
            contentType: ContentType(stored: "video/mp4"),
            startedAt: world.now,
            expiresAt: world.now.addingTimeInterval(World.urlExpiry.inSeconds)
        )
        switch self.before {
        case .nothing, .lost: break
        case .open, .overdue, .gone: _ = world.insert(session)
        case .aborted: _ = world.end(session.aborted(at: world.now))
        case .expired: _ = world.end(session.expired(at: world.now))
        case .completed: try self.complete(session, in: &world)
        }
        if self.before == .lost { world.orphans = [Self.uploadID] }
        if self.before == .expired { world.expiredBefore = Self.uploadID }
        if [.aborted, .expired, .gone].contains(self.before) { world.uploads[0].endedAt = 0 }
    }

    private func complete(_ session: Session, in world: inout World) throws {
        let parts = try Self.parts(2)
        world.uploads[0].endedAt = 0
        let object = StoredObject(upload: world.uploads[0], parts: parts)
        world.objects[session.key.rawValue] = object
        let completion = Completion(
            location: "https://store/\(session.key.rawValue)",
            etag: try ETag(parsing: object.etag ?? ""),
            size: object.head.size,
            checksum: nil,
            contentType: session.contentType
        )
        _ = world.end(session.completed(with: completion, at: world.now))
    }

    private func message(_ index: Int, _ step: Step, _ kind: RequestKind) -> Message {
        let named = #"{"file_id":"f","user_id":"42","upload_id":"\#(Self.uploadID)""#
        let body =
            switch step {
            case .start, .sweep: #"{"file_id":"f","user_id":"42","part_count":2,"content_type":"video/mp4"}"#
            case .startOther: #"{"file_id":"f","user_id":"42","part_count":3,"content_type":"video/mp4"}"#
            case .resume, .abort: named + "}"
            case .complete: named + #","parts":[\#(Self.part(1)),\#(Self.part(2))]}"#
            }
        var properties = MessageProperties()
        // The same kind twice is the same request, sent twice.
        if !self.isUnnamed { properties.messageID = AMQPString("m-\(step.rawValue)") }
        if index == 0 { properties.replyTo = "answers" }
        return Message(
            request: index,
            queue: World.names.queue(for: kind),
            properties: properties,
            body: Array(body.utf8),
            deliveryCount: self.isLate ? DeliveryLimit.ofQueue : 0
        )
    }

    private static func part(_ number: Int) -> String {
        #"{"part_number":\#(number),"etag":"\#(String(repeating: "\(number)a", count: 16))"}"#
    }
}
