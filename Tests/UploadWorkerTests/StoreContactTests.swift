import S3
import Testing

@testable import UploadWorker

@Suite("The contact with the store")
struct StoreContactTests {
    @Test("is lost with a few failures in a row, and found with one answer")
    func lost() {
        let contact = StoreContact()
        contact.answered()
        for _ in 1..<StoreContact.failureLimit { contact.failed("ServiceUnavailable") }
        #expect(contact.reason == nil)
        contact.failed("ServiceUnavailable")
        #expect(contact.reason == "the store does not answer: ServiceUnavailable")
        contact.answered()
        #expect(contact.reason == nil)
        contact.failed("ServiceUnavailable")
        #expect(contact.reason == nil)
    }

    @Test("is not there before the first answer")
    func first() {
        let contact = StoreContact()
        #expect(contact.reason == "the store has not answered yet")
        contact.failed("ConnectionFailed")
        #expect(contact.reason == "the store does not answer: ConnectionFailed")
        contact.answered()
        #expect(contact.reason == nil)
    }

    @Test("is of no use while the store refuses everything, whatever it answers besides")
    func refused() {
        let contact = StoreContact()
        #expect(contact.refused("no bucket"))
        #expect(!contact.refused("no bucket"))
        contact.answered()
        #expect(contact.reason == "the store refuses every request: no bucket")
        #expect(contact.refused("no right"))
        for _ in 0..<StoreContact.failureLimit { contact.failed("TimedOut") }
        #expect(contact.reason == "the store does not answer: TimedOut")
        #expect(contact.served())
        #expect(contact.reason == nil)
        #expect(!contact.served())
    }

    @Test("is to be looked at when a request was refused, until it serves")
    func suspected() {
        let contact = StoreContact()
        #expect(contact.isSuspected)
        contact.served()
        #expect(!contact.isSuspected)
        contact.suspected()
        contact.answered()
        #expect(contact.isSuspected)
        contact.refused("no right")
        #expect(contact.isSuspected)
    }

    @Test("is quiet when the last answer was long ago")
    func quiet() {
        let contact = StoreContact()
        let start = ContinuousClock.now
        contact.answered(at: start)
        #expect(!contact.isQuiet(for: .seconds(10), at: start + .seconds(9)))
        #expect(contact.isQuiet(for: .seconds(10), at: start + .seconds(10)))
    }

    @Test("is there when the store refuses one request, not when it fails", arguments: S3Error.Kind.allCases)
    func answers(kind: S3Error.Kind) {
        let error = S3Error(operation: .headBucket, kind: kind, code: "Told")
        #expect(error.isAnswer == (kind != .passing && kind != .cancelled))
    }

    @Test("is not proven by what any request would be told", arguments: ["NoSuchBucket", "InvalidAccessKeyId"])
    func refusalOfEverything(code: String) {
        #expect(!S3Error(operation: .createMultipartUpload, kind: .permanent, code: code).isAnswer)
    }
}
