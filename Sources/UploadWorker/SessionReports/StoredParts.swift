import Foundation
import Logging
import S3
import Uploads

/// What the store has of a session's parts.
enum StoredParts: Sendable {
    case parts([S3.UploadedPart])
    /// The session has ended: there is nothing to ask.
    case notAsked
    /// Why not.
    case unknown(String)
}

/// Asks the store for the parts of open sessions; it need not be there, nor be set up.
struct StoredPartsReader: Sendable {
    private static let limit = Duration.seconds(10)

    private let client: S3Client?
    private let problem: String

    private init(client: S3Client?, problem: String = "") {
        self.client = client
        self.problem = problem
    }

    static func with<Value: Sendable>(
        _ source: SettingsSource,
        _ body: (StoredPartsReader) async throws -> Value
    ) async throws -> Value {
        let client: S3Client
        do throws(SettingError) {
            let settings = try StoreSettings(source)
            try await settings.checkCredentials()
            client = Self.makeClient(settings)
        } catch {
            return try await body(Self(client: nil, problem: "the store cannot be asked: \(error)"))
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            return try await body(Self(client: client))
        }
    }

    func parts(of session: Session) async -> StoredParts {
        guard session.isOpen else { return .notAsked }
        guard let client else { return .unknown(self.problem) }
        let list: @Sendable () async throws(S3Error) -> [S3.UploadedPart] = { () throws(S3Error) in
            try await client.listParts(key: session.key.rawValue, uploadID: session.uploadID.rawValue)
        }
        switch await within(Self.limit, { await Result(list) }) {
        case .success(let parts): return .parts(parts)
        case .failure(let error) where error.kind == .noSuchUpload:
            return .unknown("the store knows no such upload any more")
        case .failure(let error): return .unknown("the store does not tell: \(error)")
        case nil: return .unknown("the store gives no answer in \(Self.limit.settingText)")
        }
    }

    private static func makeClient(_ settings: StoreSettings) -> S3Client {
        var configuration = settings.configuration
        configuration.timeout = min(configuration.timeout, Self.limit)
        return S3Client(
            configuration: configuration,
            credentials: settings.credentials,
            logger: Logger(label: "sessions") { _ in SwiftLogNoOpLogHandler() },
            retryPolicy: RetryPolicy(tries: 2)
        )
    }
}
