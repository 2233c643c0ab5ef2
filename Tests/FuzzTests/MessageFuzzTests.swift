import AMQP
import Foundation
import Testing

@testable import UploadWorker
@testable import Uploads

@Suite("Fuzzing the message decoder")
struct MessageFuzzTests {
    @Test("finds nothing") func run() async throws {
        try await FuzzRun.fromEnvironment.run(MessageFuzz.self)
    }
}

/// The input is a `WrittenMessage`, read all the way: properties to attempts, trace and identity, body to request, and
/// what is refused to its answer.
enum MessageFuzz: FuzzTarget {
    static let name = "message"
    static let deep = ["[", "{\"a\":", "[{\"parts\":"].map {
        Array(("start\n\n" + String(repeating: $0, count: 100_000)).utf8)
    }
    static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\"file_id\":", "\"user_id\":", "\"part_count\":",
        "\"content_type\":",
        "\"upload_id\":", "\"parts\":", "\"version\":", "{\"part_number\":1,\"etag\":\"a\"}", "\"part_number\":2",
        "\"etag\":\"\\\"a\\\"\"",
        "null", "true", "false", "0", "-0", "1", "2.0", "1e0", "20", "1e400", "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616", "1E-2", "0.5", "\\u0041", "\\u0000", "\\ud83c\\udf9e", "\\ud83c", "\\udf9e", "\\n", "é",
        "🎞", "..",
        "video/mp4", " ", "\n", "\t", "start\n", "complete\n", "resume\n", "abort\n", "message_id=a\n",
        "reply_to=uploads.start\n",
        "reply_to=amq.rabbitmq.reply-to.g\n", "timestamp=1\n", "upload-attempts=3\n", "upload-retries=-1\n",
        "x-delivery-count=9\n",
        "upload-first-failed-at=2026-02-30T00:00:00Z\n",
        "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
        "tracestate=a=b\n", "CC=a\n",
    ].map { Array($0.utf8) }

    private static let rules = UploadRules()
    private static let topology = TopologyNames(prefix: "uploads")

    static func check(_ input: [UInt8]) throws(Finding) -> Bool {
        let message = WrittenMessage(input)
        let request = Request(message.delivery, kind: message.kind, spanID: 1)
        try self.checkAttempts(request.attempts)
        try self.checkTrace(request.trace)
        try self.checkCopy(of: message.delivery)
        try self.checkReplyAddress(message.delivery.properties.replyTo?.text)
        try JSONAgreement.check(message.delivery.body)
        switch (self.parsed(message), self.parsed(message)) {
        case (.success(let once), .success(let twice)):
            try Finding.unless(once == twice, "parsing is the same twice")
            try RequestRulesCheck.check(once, of: message.kind, rules: self.rules)
            return true
        case (.failure(let once), .failure(let twice)):
            try Finding.unless(once == twice, "a refusal is the same twice")
            try self.checkAnswer(to: request, once)
            return false
        default: throw Finding("parsing is the same twice")
        }
    }

    private static func parsed(_ message: WrittenMessage) -> Result<UploadRequest, RequestRefusal> {
        let body = message.delivery.body
        return Result { () throws(RequestRefusal) in
            try UploadRequest(parsing: body, bodySize: body.count, kind: message.kind, rules: self.rules)
        }
    }

    private static func checkAttempts(_ attempts: Attempts) throws(Finding) {
        try Finding.unless((1...Attempts.maxCount).contains(attempts.count), "attempts stay within bounds")
        try Finding.unless((0...Attempts.maxCount).contains(attempts.retriesDone), "retries stay within bounds")
        let next = Attempts(headers: attempts.headers)
        try Finding.unless(
            next.count == min(attempts.count + 1, Attempts.maxCount),
            "the copy of a request counts one more"
        )
        try Finding.unless(next.firstFailedAt == attempts.firstFailedAt, "the time of the first failure is kept")
    }

    private static func checkTrace(_ trace: TraceContext?) throws(Finding) {
        guard let trace else { return }
        let headers = trace.headers(spanID: 0xABC)
        let parent = headers[TraceContext.traceparentHeader] ?? ""
        let next = TraceContext(traceparent: parent, tracestate: headers[TraceContext.tracestateHeader])
        try Finding.unless(next?.traceID == trace.traceID, "a message sent on is of the same trace")
        try Finding.unless(next?.parentID == "0000000000000abc", "a message sent on names the span that sent it")
        try Finding.unless(
            next?.flags == trace.flags && next?.tracestate == trace.tracestate,
            "flags and state are kept"
        )
    }

    private static func checkCopy(of delivery: Delivery) throws(Finding) {
        let headers = RequestCopy(of: delivery).properties(with: Attempts.first.headers).headers
        for name in ["CC", "BCC", "x-death", "x-delivery-count"] {
            try Finding.unless(headers?[name] == nil, "a copy is without \(name)")
        }
        let count = headers?.fields.filter { $0.name == AMQPString(Attempts.attemptsHeader) }.count
        try Finding.unless(count == 1, "a copy counts its attempts once")
    }

    private static func checkReplyAddress(_ name: String?) throws(Finding) {
        let address = ReplyAddress(replyTo: name, names: self.topology)
        guard case .queue(let queue) = address else { return }
        try Finding.unless(!self.topology.owns(queue) && !queue.hasPrefix("amq."), "no result goes to \(queue)")
    }

    /// A refusal's answer is JSON for everyone, short, and has the same id each time.
    private static func checkAnswer(to request: Request, _ refusal: RequestRefusal) throws(Finding) {
        let answer = UploadResult.failed(FailedRequest(refusal))
        let json = answer.json()
        try Finding.unless(json.count < 16_384, "an answer is short, this one has \(json.count) bytes")
        try Finding.unless((try? JSONParser.parse(json)) != nil, "this parser takes the answer")
        try Finding.unless((try? JSONSerialization.jsonObject(with: Data(json))) != nil, "Foundation takes the answer")
        let ids = (0..<2).map { _ in answer.messageID(for: request.identity(of: refusal.subject.file)) }
        try Finding.unless(ids[0] == ids[1] && ids[0].utf8.count == 36, "the answer's id is the same each time")
    }
}
