import FoundationEssentials
import Testing

@testable import Uploads

@Suite("Decision")
struct DecisionTests {
    static func start(partCount: Int = 3, contentType: String = "image/png") throws -> StartRequest {
        StartRequest(file: try Fixture.file(), partCount: partCount, contentType: ContentType(stored: contentType))
    }

    static func decision(_ start: StartRequest, latest: Session?) -> Decision {
        Decision(.start(start), sessions: KnownSessions(named: nil, latest: latest))
    }

    /// The three requests that name an upload.
    static func naming(_ uploadID: UploadID, parts: Int = 3) throws -> [UploadRequest] {
        let file = try Fixture.file()
        return [
            .complete(CompleteRequest(file: file, uploadID: uploadID, parts: try Fixture.parts(parts))),
            .resume(ResumeRequest(file: file, uploadID: uploadID)),
            .abort(AbortRequest(file: file, uploadID: uploadID)),
        ]
    }

    static func ended() throws -> (completed: Session, aborted: Session, expired: Session) {
        let open = try Fixture.session()
        return (
            open.completed(with: try Fixture.completion(), at: Fixture.now), open.aborted(at: Fixture.now),
            open.expired(at: Fixture.now)
        )
    }

    @Test(
        "complete, resume, abort: do not ask the store for an id that no store gives",
        arguments: ["a b", "é", "\u{0}"]
    )
    func foreignIDs(id: String) throws {
        for request in try Self.naming(try UploadID(parsing: id)) {
            #expect(Decision(request, sessions: .none) == .refuse(.uploadNotFound))
        }
    }

    @Test("start: opens a session where there is none, or one that was given up")
    func open() throws {
        let start = try Self.start()
        let ended = try Self.ended()
        for latest in [nil, ended.aborted, ended.expired] {
            #expect(Self.decision(start, latest: latest) == .open(start))
        }
    }

    @Test("start: repeats an open session's URLs if it asks for the same")
    func presign() throws {
        let session = try Fixture.session()
        #expect(Self.decision(try Self.start(), latest: session) == .presign(session))
        for other in [
            try Self.start(partCount: 2), try Self.start(partCount: 4), try Self.start(contentType: "image/gif"),
        ] {
            #expect(Self.decision(other, latest: session) == .refuse(.fileConflict))
        }
    }

    @Test("start: takes an adopted session as it is", arguments: [1, 3, 20])
    func presignAdopted(partCount: Int) throws {
        let adopted = try Fixture.session(partCount: nil, contentType: nil)
        #expect(Self.decision(try Self.start(partCount: partCount), latest: adopted) == .presign(adopted))
    }

    @Test("start: refuses a file that is complete, whatever it asks for")
    func completed() throws {
        let completed = try Self.ended().completed
        for start in [try Self.start(), try Self.start(partCount: 7)] {
            #expect(Self.decision(start, latest: completed) == .refuse(.alreadyCompleted))
        }
    }

    @Test("complete, resume, abort: follow the state of the session they name")
    func named() throws {
        let session = try Fixture.session()
        let ended = try Self.ended()
        let parts = try Fixture.parts(3)
        let completed = UploadResult.completed(ended.completed, try Fixture.completion())
        let table: [(Session, [Decision])] = [
            (session, [.complete(session, parts), .resume(session), .abort(session)]),
            (ended.completed, [.answer(completed), .refuse(.alreadyCompleted), .refuse(.alreadyCompleted)]),
            (ended.aborted, [.refuse(.uploadAborted), .refuse(.uploadAborted), .answer(.aborted(ended.aborted))]),
            (ended.expired, [.refuse(.uploadExpired), .refuse(.uploadExpired), .answer(.aborted(ended.expired))]),
        ]
        for (named, decisions) in table {
            let newer = try Fixture.session(uploadID: "U2")
            for latest in [named, newer] {
                let sessions = KnownSessions(named: named, latest: latest)
                let requests = try Self.naming(named.uploadID)
                #expect(requests.map { Decision($0, sessions: sessions) } == decisions)
            }
        }
    }

    @Test("complete, resume, abort: ask the store for an upload that is not the file's here")
    func conflict() throws {
        let ended = try Self.ended()
        for latest in [try Fixture.session(), ended.completed, ended.aborted, ended.expired] {
            for request in try Self.naming(try UploadID(parsing: "other")) {
                let sessions = KnownSessions(named: nil, latest: latest)
                #expect(Decision(request, sessions: sessions) == .adopt(request, otherwise: .uploadConflict))
            }
        }
    }

    @Test("complete, resume, abort: ask the store where no session is known")
    func adopt() throws {
        for request in try Self.naming(try UploadID(parsing: "U1")) {
            #expect(Decision(request, sessions: .none) == .adopt(request, otherwise: .uploadNotFound))
        }
    }

    @Test("complete: names as many parts as the session has", arguments: [2, 3, 4])
    func partCount(count: Int) throws {
        let session = try Fixture.session(partCount: 3)
        let request = try Self.naming(session.uploadID, parts: count)[0]
        let decision = Decision(request, sessions: KnownSessions(named: session, latest: session))
        guard count != 3 else {
            #expect(decision == .complete(session, try Fixture.parts(3)))
            return
        }
        guard case .refuse(let failure) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(failure.code == .invalidParts)
        #expect(failure.field == "parts")
        #expect(failure.message.contains("3") && failure.message.contains("\(count)"))
    }

    @Test("complete: takes whatever parts of an adopted session", arguments: [1, 3, 25])
    func adoptedParts(count: Int) throws {
        let session = try Fixture.session(partCount: nil, contentType: nil)
        let request = try Self.naming(session.uploadID, parts: count)[0]
        let decision = Decision(request, sessions: KnownSessions(named: session, latest: session))
        #expect(decision == .complete(session, try Fixture.parts(count)))
    }

    @Test("complete: gives the result again, whatever parts are named now", arguments: [1, 3, 4])
    func completeAgain(count: Int) throws {
        let completed = try Self.ended().completed
        let request = try Self.naming(completed.uploadID, parts: count)[0]
        let decision = Decision(request, sessions: KnownSessions(named: completed, latest: completed))
        #expect(decision == .answer(.completed(completed, try Fixture.completion())))
    }
}
