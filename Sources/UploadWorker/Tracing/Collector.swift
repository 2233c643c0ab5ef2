import Foundation
import S3

/// What became of spans that were sent.
enum ExportAnswer: Sendable, Equatable {
    /// The collector has them, all but so many.
    case taken(rejected: Int)
    /// It may take them later, not before so long where it said so.
    case later(Duration?, reason: String)
    case refused(reason: String)
}

/// The collector's end of OTLP over HTTP. `run()` owns the one thread that speaks to it.
struct Collector: Sendable {
    private let url: String
    private let headers: SecretHeaders
    private let timeout: Duration
    private let http: HTTPClient

    init(_ settings: TraceSettings) {
        self.url = settings.endpoint.url
        self.headers = settings.headers
        self.timeout = settings.timeout
        self.http = HTTPClient(
            timeout: settings.timeout,
            caFile: settings.caFile,
            maxConnections: 1,
            threadName: "otlp"
        )
    }

    func run() async throws { try await self.http.run() }

    /// Ends within the time-out, however slowly the answer comes.
    func send(_ body: [UInt8]) async -> ExportAnswer {
        await withTaskGroup(of: ExportAnswer.self) { group in
            group.addTask { await self.post(body) }
            group.addTask {
                try? await Task.sleep(for: self.timeout)
                return .later(nil, reason: "no answer within \(self.timeout.settingText)")
            }
            defer { group.cancelAll() }
            return await group.next() ?? .refused(reason: "not sent")
        }
    }

    private func post(_ body: [UInt8]) async -> ExportAnswer {
        do {
            let headers = [("content-type", "application/json")] + self.headers.fields
            return ExportAnswer(try await self.http.post(body, to: self.url, headers: headers))
        } catch {
            return .later(nil, reason: error.message)
        }
    }
}

extension ExportAnswer {
    /// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
    init(_ response: HTTPResponse) {
        switch response.status {
        case 200..<300: self = .taken(rejected: Self.rejected(in: response.body))
        case 429, 502, 503, 504:
            let seconds = response.headers["retry-after"].flatMap { Int($0) }
            self = .later(seconds.map { .seconds(min(max($0, 0), 86_400)) }, reason: "status \(response.status)")
        default: self = .refused(reason: "status \(response.status)")
        }
    }

    /// A collector that takes some of the spans says how many it did not.
    private static func rejected(in body: [UInt8]) -> Int {
        (try? JSONDecoder().decode(ExportResponse.self, from: Data(body)))?.partialSuccess?.rejectedSpans.count ?? 0
    }
}

/// `ExportTraceServiceResponse`, as far as it matters.
private struct ExportResponse: Decodable {
    struct PartialSuccess: Decodable {
        var rejectedSpans: Rejected
    }

    /// 64-bit numbers are in quotes; some write them without.
    struct Rejected: Decodable {
        var count: Int

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.count = max(0, Int(text) ?? 0)
            } else {
                self.count = max(0, try value.decode(Int.self))
            }
        }
    }

    var partialSuccess: PartialSuccess?
}
