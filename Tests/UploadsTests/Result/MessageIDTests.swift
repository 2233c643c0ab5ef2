import FoundationEssentials
import Testing

@testable import Uploads

@Suite("A result's message id")
struct MessageIDTests {
    static func identity(
        kind: RequestKind = .start,
        messageID: String? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        timestamp: UInt64? = nil,
        body: String = "",
        file: FileReference? = nil
    ) -> RequestIdentity {
        RequestIdentity(
            kind: kind,
            messageID: messageID.map { Array($0.utf8) },
            correlationID: correlationID.map { Array($0.utf8) },
            replyTo: replyTo.map { Array($0.utf8) },
            timestamp: timestamp,
            body: Array(body.utf8),
            file: file
        )
    }

    static func failed(_ failure: UploadFailure = .uploadNotFound) -> UploadResult {
        .failed(FailedRequest(subject: RequestSubject(kind: .start), failure: failure))
    }

    /// Computed by Python's `uuid.uuid5` over the same names.
    @Test("is a UUID of version 5, as others compute it")
    func literal() throws {
        let session = try Fixture.session()
        let named = Self.identity(messageID: "request-1", body: "{}", file: session.file)
        let grant = Grant(session: session, urls: [], expiresAt: Fixture.now)
        #expect(UploadResult.started(grant).messageID(for: named) == "6e920912-9e64-51f3-8289-aa7f70fef36a")
        let unnamed = Self.identity(correlationID: "c1", replyTo: "replies", timestamp: 1_700_000_000, body: "{}")
        #expect(Self.failed().messageID(for: unnamed) == "075c4089-ec63-50b6-8bbd-36e71205082e")
        #expect(Self.failed().messageID(for: Self.identity()) == "08384930-f655-5d87-b2d0-d2df436586f4")
        let complete = Self.identity(kind: .complete, messageID: "request-1", file: session.file)
        let completed = UploadResult.completed(session, try Fixture.completion())
        #expect(completed.messageID(for: complete) == "9ea040f1-7fa6-5db4-9854-2d192c40be3c")
        #expect(session.expiryMessageID == "78da7b52-7384-5fb5-bf4f-8995b3f130e1")
    }

    @Test("is the same when the same request is answered again, whatever else has changed")
    func same() throws {
        let session = try Fixture.session()
        let identity = Self.identity(messageID: "m", correlationID: "c", timestamp: 1, body: "a", file: session.file)
        let again = Self.identity(messageID: "m", correlationID: "d", timestamp: 2, body: "b", file: session.file)
        let first = UploadResult.started(Grant(session: session, urls: ["a"], expiresAt: Fixture.now))
        let second = UploadResult.started(Grant(session: session, urls: ["b"], expiresAt: Fixture.now + 60))
        #expect(first.messageID(for: identity) == second.messageID(for: again))
        #expect(Self.failed().messageID(for: identity) == Self.failed(.uploadConflict).messageID(for: again))
    }

    @Test("differs for another request, and for another type of result")
    func different() throws {
        let file = try Fixture.file()
        let identities = [
            Self.identity(), Self.identity(kind: .abort), Self.identity(messageID: "m"), Self.identity(messageID: "n"),
            Self.identity(messageID: "m", file: file), Self.identity(kind: .abort, messageID: "m", file: file),
            Self.identity(messageID: "m", file: try Fixture.file(user: "43")),
            Self.identity(messageID: "m", file: try Fixture.file(user: "4", file: "2a.png")),
            Self.identity(correlationID: "m"), Self.identity(correlationID: ""), Self.identity(replyTo: "m"),
            Self.identity(correlationID: "m", replyTo: "n"), Self.identity(correlationID: "mn"),
            Self.identity(correlationID: "m", body: "n"), Self.identity(timestamp: 1), Self.identity(timestamp: 11),
            Self.identity(timestamp: 1, body: "1"), Self.identity(body: "m"), Self.identity(file: file),
        ]
        let session = try Fixture.session()
        let ids = identities.flatMap {
            [Self.failed().messageID(for: $0), UploadResult.aborted(session).messageID(for: $0)]
        }
        #expect(Set(ids).count == identities.count * 2)
    }

    /// A start that was aborted and comes again with the same bytes opens another upload, of which the reader must hear.
    @Test("tells apart the uploads that answer a request without a message id")
    func uploads() throws {
        let (one, other) = (try Fixture.session(), try Fixture.session(uploadID: "U2"))
        let completion = try Fixture.completion()
        let results: [(Session) -> UploadResult] = [
            { .started(Grant(session: $0, urls: [], expiresAt: Fixture.now)) },
            { .resumed(Grant(session: $0, urls: [], expiresAt: Fixture.now), []) },
            { .completed($0, completion) }, { .aborted($0) }, { Self.failed(of: $0.uploadID) },
        ]
        for result in results {
            for unnamed in [Self.identity(body: "a", file: one.file), Self.identity(messageID: "", file: one.file)] {
                #expect(result(one).messageID(for: unnamed) == result(one).messageID(for: unnamed))
                #expect(result(one).messageID(for: unnamed) != result(other).messageID(for: unnamed))
            }
            let named = Self.identity(messageID: "m", file: one.file)
            #expect(result(one).messageID(for: named) == result(other).messageID(for: named))
        }
        let unnamed = Self.identity()
        #expect(Self.failed().messageID(for: unnamed) != Self.failed(of: one.uploadID).messageID(for: unnamed))
    }

    private static func failed(of uploadID: UploadID) -> UploadResult {
        .failed(FailedRequest(subject: RequestSubject(kind: .start, uploadID: uploadID), failure: .uploadNotFound))
    }

    @Test("does not take an empty message id for one that names the request")
    func empty() {
        let one = Self.identity(messageID: "", body: "a")
        let other = Self.identity(messageID: "", body: "b")
        #expect(Self.failed().messageID(for: one) != Self.failed().messageID(for: other))
        #expect(Self.failed().messageID(for: one) == Self.failed().messageID(for: Self.identity(body: "a")))
    }

    @Test("of an expiry follows the upload, not the worker's own name of the session")
    func expiry() throws {
        let session = try Fixture.session()
        #expect(session.expiryMessageID == session.expired(at: Fixture.now).expiryMessageID)
        #expect(session.expiryMessageID != (try Fixture.session(uploadID: "U2").expiryMessageID))
    }
}
