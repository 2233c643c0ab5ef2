import Logging
import S3
import Testing

@testable import UploadWorker

@Suite("The watch on the store")
struct StoreWatchTests {
    private let contact = StoreContact()

    private func watch(bucket: S3Error? = nil, writing: S3Error? = nil) -> StoreWatch {
        StoreWatch(
            askForBucket: { () throws(S3Error) in if let bucket { throw bucket } },
            askToWrite: { () throws(S3Error) in if let writing { throw writing } },
            refusal: StoreRefusal(bucket: "media", region: "eu-west-1", key: "k"),
            contact: self.contact,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            patience: .seconds(60)
        )
    }

    private static func error(_ kind: S3Error.Kind, _ code: String, _ status: Int? = nil) -> S3Error {
        S3Error(operation: .headBucket, kind: kind, code: code, status: status)
    }

    private static let denied = Self.error(.permanent, "AccessDenied", 403)
    private static let noSuchUpload = Self.error(.noSuchUpload, "NoSuchUpload", 404)

    @Test("takes a store that says nothing for one that does not answer")
    func silence() async {
        var watch = self.watch()
        watch.askToWrite = { () throws(S3Error) in
            // Until it is cancelled.
            let never = AsyncStream.makeStream(of: Never.self)
            for await _ in never.stream {}
            never.continuation.finish()
        }
        watch.patience = .milliseconds(1)
        await watch.look()
        #expect(self.contact.reason == "the store does not answer: nothing for 1ms")
    }

    @Test(
        "at first asks whether it may write",
        arguments: [
            (Self.noSuchUpload, nil),
            (Self.error(.permanent, "MethodNotAllowed", 405), nil),
            (Self.error(.passing, "SlowDown", 503), "does not answer: SlowDown"),
            (Self.error(.permanent, "NoSuchBucket", 404), "no bucket media"),
            (Self.denied, "s3:PutObject"),
            (Self.error(.cancelled, "Cancelled"), "has not answered yet"),
        ]
    )
    func first(writing: S3Error, words: String?) async {
        await self.watch(bucket: Self.error(.passing, "Unasked"), writing: writing).look()
        #expect((self.contact.reason == nil) == (words == nil))
        if let words { #expect(self.contact.reason?.contains(words) == true) }
    }

    @Test("takes a store that fails there alone for one that serves")
    func failsForAnUploadThatNeverWas() async {
        await self.watch(writing: Self.error(.passing, "InternalError", 500)).look()
        #expect(self.contact.reason == nil)
        #expect(!self.contact.isSuspected)
    }

    @Test("later asks for the bucket, and further only where that is refused")
    func later() async {
        self.contact.served()
        await self.watch(writing: Self.denied).look()
        #expect(self.contact.reason == nil)
        await self.watch(bucket: Self.denied, writing: Self.noSuchUpload).look()
        #expect(self.contact.reason == nil)
        await self.watch(bucket: Self.denied, writing: Self.denied).look()
        #expect(self.contact.reason?.contains("s3:PutObject") == true)
    }

    @Test("asks whether it may write once a request was refused, and as long as it may not")
    func suspicion() async {
        self.contact.served()
        self.contact.suspected()
        await self.watch(writing: Self.denied).look()
        await self.watch(writing: Self.denied).look()
        #expect(self.contact.reason?.contains("s3:PutObject") == true)
        await self.watch(writing: Self.noSuchUpload).look()
        #expect(self.contact.reason == nil)
        await self.watch(writing: Self.denied).look()
        #expect(self.contact.reason == nil)
    }

    @Test("takes three failures in a row for an outage")
    func failures() async {
        self.contact.served()
        let watch = self.watch(bucket: Self.error(.passing, "Told"))
        for _ in 1..<StoreContact.failureLimit { await watch.look() }
        #expect(self.contact.reason == nil)
        await watch.look()
        #expect(self.contact.reason == "the store does not answer: Told")
    }
}
