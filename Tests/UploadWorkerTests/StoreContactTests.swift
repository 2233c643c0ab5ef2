import S3
import Testing

@testable import UploadWorker

@Suite("The contact with the store")
struct StoreContactTests {
    private static func error(_ kind: S3Error.Kind) -> S3Error {
        S3Error(operation: .headBucket, kind: kind, code: "ServiceUnavailable")
    }

    @Test("is lost with a few failures in a row, and found with one answer")
    func lost() {
        let contact = StoreContact()
        for _ in 1..<StoreContact.failureLimit { contact.failed("ServiceUnavailable") }
        #expect(contact.reason == nil)
        contact.failed("ServiceUnavailable")
        #expect(contact.reason == "the store does not answer: ServiceUnavailable")
        contact.answered()
        #expect(contact.reason == nil)
        contact.failed("ServiceUnavailable")
        #expect(contact.reason == nil)
    }

    @Test("is quiet when the last answer was long ago")
    func quiet() {
        let contact = StoreContact()
        let start = ContinuousClock.now
        contact.answered(at: start)
        #expect(!contact.isQuiet(for: .seconds(10), at: start + .seconds(9)))
        #expect(contact.isQuiet(for: .seconds(10), at: start + .seconds(10)))
    }

    @Test("is there when the store refuses, not when it fails", arguments: S3Error.Kind.allCases)
    func answers(kind: S3Error.Kind) {
        #expect(Self.error(kind).isAnswer == (kind != .passing && kind != .cancelled))
    }
}
