import Foundation
import Testing

@testable import Uploads

@Suite("A result's body")
struct UploadResultJSONTests {
    static func text(_ result: UploadResult) -> String {
        String(decoding: result.json(), as: UTF8.self)
    }

    static let ids = #""id":"a.png","file_id":"a.png","user_id":"42""#
    static let upload = #"\#(ids),"upload_id":"U1","key":"users/42/a.png""#

    @Test("of a start")
    func started() throws {
        let grant = Grant(
            session: try Fixture.session(partCount: 2),
            urls: ["https://s3/1?a=b&c=d", "https://s3/2"].map(PresignedURL.init),
            expiresAt: Fixture.now + 0.9
        )
        let fields =
            #""part_count":2,"content_type":"image/png","presigned_urls":["https://s3/1?a=b&c=d","https://s3/2"]"#
        #expect(
            Self.text(.started(grant))
                == #"{"version":1,"type":"upload.started",\#(Self.upload),\#(fields),"expires_at":"2027-01-15T08:00:00Z"}"#
        )
    }

    @Test("of a resume of an adopted session")
    func resumed() throws {
        let grant = Grant(
            session: try Fixture.session(partCount: nil, contentType: nil),
            urls: [PresignedURL("https://s3/1")],
            expiresAt: Fixture.now
        )
        let parts = [
            UploadedPart(number: 1, etag: try ETag(parsing: "e1"), size: 5_242_880),
            UploadedPart(number: 2, etag: try ETag(parsing: "\"e2\""), size: 7),
        ]
        let head = #"{"version":1,"type":"upload.resumed",\#(Self.upload),"part_count":1,"content_type":null"#
        let urls = #""presigned_urls":["https://s3/1"],"expires_at":"2027-01-15T08:00:00Z""#
        let one = #"{"part_number":1,"etag":"e1","size":5242880}"#
        let two = #"{"part_number":2,"etag":"e2","size":7}"#
        #expect(Self.text(.resumed(grant, parts)) == #"\#(head),\#(urls),"uploaded_parts":[\#(one),\#(two)]}"#)
        #expect(Self.text(.resumed(grant, [])) == #"\#(head),\#(urls),"uploaded_parts":[]}"#)
    }

    @Test("of a complete, with a checksum where there is one")
    func completed() throws {
        let session = try Fixture.session()
        let head = #"{"version":1,"type":"upload.completed",\#(Self.upload),"content_type":"image/png""#
        let object =
            #""location":"https://s3.example/bucket/users/42/a.png","etag":"0123abcd-3","filesize":12345678901"#
        #expect(Self.text(.completed(session, try Fixture.completion())) == "\(head),\(object)}")
        let checksum = Checksum(algorithm: "CRC64NVME", value: "AbC/+=")
        #expect(
            Self.text(.completed(session, try Fixture.completion(checksum: checksum)))
                == #"\#(head),\#(object),"checksum":"AbC/+=","checksum_algorithm":"CRC64NVME"}"#
        )
    }

    @Test(
        "of a complete has the content type that the store tells, else the session's, else none",
        arguments: [
            (nil, nil, "null"), ("a/b", nil, #""a/b""#), (nil, "image/png", #""image/png""#), ("a/b", "c/d", #""a/b""#),
        ] as [(String?, String?, String)]
    )
    func contentType(told: String?, known: String?, json: String) throws {
        let session = try Fixture.session(contentType: known.map(ContentType.init(stored:)))
        let completion = try Fixture.completion(contentType: told.map(ContentType.init(stored:)))
        #expect(Self.text(.completed(session, completion)).contains("\"content_type\":\(json),"))
    }

    @Test("of an abort and of an expiry")
    func ended() throws {
        let session = try Fixture.session()
        #expect(Self.text(.aborted(session)) == #"{"version":1,"type":"upload.aborted",\#(Self.upload)}"#)
        #expect(
            Self.text(.expired(session))
                == #"{"version":1,"type":"upload.expired",\#(Self.upload),"started_at":"2027-01-15T08:00:00Z"}"#
        )
    }

    @Test("of a failure, with what is known of the request")
    func failed() throws {
        let session = try Fixture.session()
        let abort = UploadRequest.abort(AbortRequest(file: session.file, uploadID: session.uploadID))
        let failure = UploadFailure(.storageUnavailable, "say \"when\"")
        let error = #""error":{"status":503,"code":"storage_unavailable","message":"say \"when\"","retryable":true}"#
        #expect(
            Self.text(.failed(FailedRequest(abort, failure: failure)))
                == #"{"version":1,"type":"upload.failed",\#(Self.ids),"request":"abort","upload_id":"U1",\#(error)}"#
        )
    }

    @Test("of a failure of a request that could not be read")
    func unread() {
        let refusal = RequestRefusal(
            failure: UploadFailure(.invalidFileID, "no", field: "file_id"),
            subject: RequestSubject(kind: .start)
        )
        let ids = #""id":null,"file_id":null,"user_id":null,"request":"start""#
        let error = #"{"status":400,"code":"invalid_file_id","message":"no","field":"file_id","retryable":false}"#
        #expect(
            Self.text(.failed(FailedRequest(refusal)))
                == #"{"version":1,"type":"upload.failed",\#(ids),"error":\#(error)}"#
        )
    }

    @Test("of a refused start names the upload that is in its way")
    func conflict() throws {
        let session = try Fixture.session()
        let start = UploadRequest.start(StartRequest(file: session.file, partCount: 9, contentType: .unspecified))
        let failed = FailedRequest(start, failure: .fileConflict, session: session)
        #expect(Self.text(.failed(failed)).contains(#""request":"start","upload_id":"U1","error":"#))
        #expect(!Self.text(.failed(FailedRequest(start, failure: .fileConflict))).contains("upload_id\":"))
    }

    @Test("is JSON, whatever the store's words and ids are")
    func awkward() throws {
        let awkward = "\"\\\u{0}\n\u{2028}é🎞"
        let session = try Fixture.session(uploadID: awkward)
        let grant = Grant(session: session, urls: [PresignedURL(awkward)], expiresAt: Fixture.now)
        let json = try JSONSerialization.jsonObject(with: Data(UploadResult.started(grant).json())) as? [String: Any]
        #expect(json?["upload_id"] as? String == awkward)
        #expect(json?["presigned_urls"] as? [String] == [awkward])
    }

    @Test("has the type that the message has, and goes by its last word")
    func types() throws {
        let session = try Fixture.session()
        let grant = Grant(session: session, urls: [], expiresAt: Fixture.now)
        let failed = FailedRequest(RequestRefusal(failure: .uploadNotFound, subject: RequestSubject(kind: .abort)))
        let results: [(UploadResult, String)] = [
            (.started(grant), "started"), (.resumed(grant, []), "resumed"),
            (.completed(session, try Fixture.completion()), "completed"), (.aborted(session), "aborted"),
            (.expired(session), "expired"), (.failed(failed), "failed"),
        ]
        for (result, word) in results {
            #expect(result.routingKey == word)
            #expect(result.type == "upload.\(word)")
            #expect(Self.text(result).hasPrefix(#"{"version":1,"type":"upload.\#(word)","id":"#))
        }
    }

    @Test("is the only place where URLs are: no description shows one")
    func secrecy() throws {
        let grant = Grant(
            session: try Fixture.session(),
            urls: [PresignedURL("https://s3/?X-Amz-Signature=x")],
            expiresAt: Fixture.now
        )
        var dumped = ""
        dump(UploadResult.resumed(grant, []), to: &dumped)
        dump(grant.urls, to: &dumped)
        let texts = [
            "\(grant)", "\(grant.urls)", "\(grant.urls[0])", String(reflecting: UploadResult.started(grant)), dumped,
        ]
        for text in texts {
            #expect(!text.contains("Signature"), "\(text)")
        }
    }
}
