import Testing

@testable import Uploads

@Suite("What would happen to a dead letter now")
struct ProspectTests {
    private static func start(partCount: Int = 3) throws -> UploadRequest {
        .start(try DecisionTests.start(partCount: partCount))
    }

    private static func prospect(_ request: UploadRequest, named: Session? = nil, latest: Session? = nil) -> Prospect {
        Prospect(request, sessions: KnownSessions(named: named, latest: latest))
    }

    @Test("to a start: it runs, but for a file that is completed or in conflict")
    func start() throws {
        let ended = try DecisionTests.ended()
        let open = try Fixture.session()
        for latest in [nil, open, ended.aborted, ended.expired] {
            #expect(Self.prospect(try Self.start(), latest: latest) == .willRun)
        }
        #expect(Self.prospect(try Self.start(), latest: ended.completed) == .session("completed"))
        #expect(Self.prospect(try Self.start(partCount: 2), latest: open) == .refused(code: "file_conflict"))
    }

    @Test("to a request that names an upload: it runs where the upload is open, or only the store may know it")
    func naming() throws {
        let open = try Fixture.session()
        for request in try DecisionTests.naming(open.uploadID) {
            #expect(Self.prospect(request, named: open, latest: open) == .willRun)
            #expect(Self.prospect(request) == .willRun)
        }
    }

    @Test("to a request that names an upload that ended: that is said, in the state's word")
    func ended() throws {
        let ended = try DecisionTests.ended()
        for (session, state) in [
            (ended.completed, "completed"), (ended.aborted, "aborted"), (ended.expired, "expired"),
        ] {
            for request in try DecisionTests.naming(session.uploadID) {
                #expect(Self.prospect(request, named: session, latest: session) == .session(state))
            }
        }
    }

    @Test("to a request that names what no store gives: it is refused")
    func foreign() throws {
        for request in try DecisionTests.naming(try UploadID(parsing: "a b")) {
            #expect(Self.prospect(request) == .refused(code: "upload_not_found"))
        }
    }

    @Test(
        "in words",
        arguments: [
            (Prospect.willRun, "will run"), (.session("aborted"), "session already aborted"),
            (.refused(code: "file_conflict"), "would be refused: file_conflict"),
            (.unknown(reason: "why"), "unknown: why"),
        ]
    )
    func words(prospect: Prospect, text: String) {
        #expect(prospect.text == text)
    }
}
