import FoundationEssentials
import Testing

@testable import Uploads

@Suite("A session")
struct SessionTests {
    @Test("ends once, and stays as it ended")
    func transitions() throws {
        let open = try Fixture.session()
        let completion = try Fixture.completion()
        let ended: [(Session, Session.State)] = [
            (open.completed(with: completion, at: Fixture.now), .completed(completion, at: Fixture.now)),
            (open.aborted(at: Fixture.now), .aborted(at: Fixture.now)),
            (open.expired(at: Fixture.now), .expired(at: Fixture.now)),
        ]
        #expect(open.isOpen && open.endedAt == nil && open.completion == nil)
        for (session, state) in ended {
            #expect(session.state == state)
            #expect(session.endedAt == Fixture.now)
            #expect(!session.isOpen)
            #expect(session == (try Fixture.session(state: state)))
            let later = Fixture.now + 9
            #expect(session.completed(with: completion, at: later) == session)
            #expect(session.aborted(at: later) == session)
            #expect(session.expired(at: later) == session)
            #expect(session.extended(to: later) == session)
        }
        #expect(ended.map(\.0.completion) == [completion, nil, nil])
    }

    @Test("has its end moved with the URLs, forward or back", arguments: [-60, 0, 60])
    func extended(by seconds: Double) throws {
        let session = try Fixture.session()
        let end = session.expiresAt + seconds
        #expect(session.extended(to: end).expiresAt == end)
        #expect(session.extended(to: end).extended(to: session.expiresAt) == session)
    }

    @Test("that is adopted is open, of unknown part count and content type")
    func adopted() throws {
        let like = try Fixture.session(partCount: nil, contentType: nil)
        let adopted = Session.adopted(
            id: like.id,
            file: like.file,
            uploadID: like.uploadID,
            key: like.key,
            startedAt: like.startedAt,
            expiresAt: like.expiresAt
        )
        #expect(adopted == like)
        #expect(adopted.isOpen)
    }

    @Test("keeps its state in columns that fit together")
    func columns() throws {
        let completion = try Fixture.completion()
        let now = Fixture.now
        let states: [Session.State] = [.started, .completed(completion, at: now), .aborted(at: now), .expired(at: now)]
        #expect(states.map(\.name.rawValue) == ["started", "completed", "aborted", "expired"])
        for state in states {
            let session = try Fixture.session(state: state)
            for name in Session.State.Name.allCases {
                for endedAt in [nil, now] {
                    for columns in [nil, completion] {
                        let fits = name == state.name && endedAt == session.endedAt && columns == session.completion
                        let read = Session.State(name: name, endedAt: endedAt, completion: columns)
                        #expect((read == state) == fits)
                    }
                }
            }
        }
    }

    @Test("has an id of its own, a UUID in lower case")
    func ids() throws {
        let uuid = try #require(UUID(uuidString: "6F9619FF-8B86-4D01-B42D-00CF4FC964FF"))
        #expect(SessionID(uuid).rawValue == "6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
        #expect(SessionID(parsing: "6F9619FF-8B86-4D01-B42D-00CF4FC964FF") == SessionID(uuid))
        #expect(SessionID(parsing: "6f9619ff") == nil)
        #expect(SessionID(parsing: "") == nil)
    }
}
