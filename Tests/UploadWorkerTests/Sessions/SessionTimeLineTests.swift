import Foundation
import S3
import Testing
import Uploads

@testable import UploadWorker

@Suite("The time line of a session")
struct SessionTimeLineTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let now = Self.start.addingTimeInterval(60)

    private static func session(
        expiresAfter life: Double = 3600,
        partCount: Int? = 2,
        _ state: Session.State = .started
    ) throws -> Session {
        Session(
            id: SessionID(UUID()),
            file: FileReference(userID: try UserID(parsing: "42"), fileID: try FileID(parsing: "a")),
            uploadID: try UploadID(parsing: "up\u{1B}[2J"),
            key: ObjectKey("users/42/a"),
            partCount: partCount,
            contentType: ContentType(stored: "video/mp4"),
            startedAt: Self.start,
            expiresAt: Self.start.addingTimeInterval(life),
            state: state
        )
    }

    private static func events(_ session: Session, _ stored: StoredParts = .notAsked) -> [String] {
        SessionTimeLine(session: session, stored: stored, now: Self.now).lines.dropFirst(5).map {
            String($0.dropFirst(2))
        }
    }

    private static func completed() throws -> Session.State {
        let etag = try ETag(parsing: "e-1")
        let location = "https://store/a"
        return .completed(
            Completion(location: location, etag: etag, size: 7, checksum: nil, contentType: nil),
            at: Self.now
        )
    }

    @Test("says of an open one what the store has")
    func open() throws {
        let parts = [S3.UploadedPart(number: 1, etag: "e", size: 5), S3.UploadedPart(number: 2, etag: "e", size: 6)]
        #expect(
            Self.events(try Self.session(), .parts(parts)) == [
                "2027-01-15T08:00:00Z  started", "2027-01-15T08:01:00Z  now: 2 of 2 parts in the store, 11 bytes",
                "2027-01-15T09:00:00Z  the URLs end",
            ]
        )
        #expect(
            Self.events(try Self.session(partCount: nil), .parts([]))[1].hasSuffix("now: 0 parts in the store, 0 bytes")
        )
        #expect(Self.events(try Self.session(), .unknown("it is down"))[1].hasSuffix("not known: it is down"))
    }

    @Test("is in order where the URLs of an open one have ended")
    func overdue() throws {
        let events = Self.events(try Self.session(expiresAfter: 30), .parts([]))
        #expect(
            events.map { $0.prefix(20) } == ["2027-01-15T08:00:00Z", "2027-01-15T08:00:30Z", "2027-01-15T08:01:00Z"]
        )
        #expect(events[1].contains("will expire it"))
    }

    @Test("says how an ended one ended")
    func ended() throws {
        #expect(
            Self.events(try Self.session(Self.completed())).last?.contains("completed: 7 bytes at https://store/a")
                == true
        )
        #expect(Self.events(try Self.session(.aborted(at: Self.now))).last == "2027-01-15T08:01:00Z  aborted")
        #expect(Self.events(try Self.session(expiresAfter: 30, .expired(at: Self.now))).count == 3)
    }

    @Test("lets no id steer the terminal")
    func hostile() throws {
        let lines = SessionTimeLine(session: try Self.session(), stored: .notAsked, now: Self.now).lines
        #expect(!lines.joined().contains("\u{1B}"))
    }

    @Test("is as a table no wider than the terminal", arguments: [1, 40, 80, 200])
    func width(width: Int) throws {
        let table = SessionTable(width: width)
        #expect(table.header.count <= width)
        #expect(table.line(try Self.session()).count <= width)
    }
}
