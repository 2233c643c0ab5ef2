package import FoundationEssentials
package import Logging
import Synchronization

/// Credentials of the source that the environment leads to, renewed ahead of their end by `run()`.
///
/// Readers never wait for a renewal that they did not ask for: they have the latest until it ends. When a renewal fails,
/// the old ones stay until their end.
package final class RefreshingCredentials: CredentialsProvider {
    /// What a look at the sources brought.
    struct Found: Sendable {
        let credentials: Credentials
        let source: String
        let isRenewable: Bool
    }

    fileprivate struct State {
        var schedule: RefreshSchedule
        var latest: Found?
        var lastError: CredentialsError?
        var isRunning = false
        /// They wait for the end of the fetch that is under way or due.
        var asking: [AsyncStream<Never>.Continuation] = []
    }

    private let state: Mutex<State>
    private let bell = Bell()
    private let find: @Sendable () async throws(CredentialsError) -> Found
    private let clock: RefreshClock

    init(
        minimumLife: Duration,
        clock: RefreshClock = RefreshClock(),
        find: @escaping @Sendable () async throws(CredentialsError) -> Found
    ) {
        self.state = Mutex(State(schedule: RefreshSchedule(lead: Self.lead(minimumLife))))
        self.clock = clock
        self.find = find
    }

    /// Where the latest came from, in words without secrets; nil where there are none yet.
    package var sourceName: String? { self.state.withLock { $0.latest?.source } }

    /// When the latest end; nil where they do not, or there are none yet.
    package var expiration: Date? { self.state.withLock { $0.latest?.credentials.expiresAt } }

    /// Whether a session token goes with the latest: they end some time, said or not.
    package var areTemporary: Bool { self.state.withLock { $0.latest?.credentials.sessionToken != nil } }

    /// Why there are none to sign with; nil where there are.
    package var problem: String? {
        do throws(CredentialsError) {
            _ = try self.credentials()
            return nil
        } catch {
            return error.message
        }
    }

    /// The latest, while they are good.
    package func credentials() throws(CredentialsError) -> Credentials {
        let (latest, error) = self.state.withLock { ($0.latest, $0.lastError) }
        guard let latest else {
            throw error?.passing ?? CredentialsError("no credentials have been asked for yet", canPass: true)
        }
        guard let end = latest.credentials.expiresAt, end <= self.clock.now() else { return latest.credentials }
        let reason = error.map { ": \($0.message)" } ?? ""
        throw CredentialsError(
            "the credentials of \(latest.source) have ended and are not renewed\(reason)",
            canPass: true
        )
    }

    package func renew(until end: Date) async {
        let fetched: AsyncStream<Never>? = self.state.withLock { state in
            guard state.isRunning, state.schedule.handle(.asked(until: end), at: self.clock.now()) == .join else {
                return nil
            }
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            state.asking.append(continuation)
            return stream
        }
        guard let fetched else { return }
        self.bell.ring()
        for await _ in fetched {}
    }

    /// So that URLs live as long as settings ask, with some minutes for a few failures.
    private static func lead(_ minimumLife: Duration) -> TimeInterval {
        minimumLife / .seconds(1) + Double(URLLifetime.margin) + 300
    }
}

extension RefreshingCredentials {
    /// Looks for the first credentials before anything needs them, again where that may help.
    ///
    /// - Throws: what is left to be done by hand; or what can pass, and `run()` goes on trying then.
    package func load() async throws(CredentialsError) {
        var pause = Duration.milliseconds(500)
        var tries = 0
        while let error = await self.fetch() {
            tries += 1
            guard error.canPass, tries < (error.nothingIsSetUp ? 2 : 4), !Task.isCancelled else { throw error }
            try? await self.clock.sleep(pause)
            pause *= 2
        }
    }

    /// Renews them until cancelled. Runs once.
    package func run(logger: Logger) async {
        self.state.withLock { $0.isRunning = true }
        if let latest = self.state.withLock({ $0.latest }) {
            logger.info("Credentials found", metadata: latest.logMetadata)
        }
        while !Task.isCancelled {
            switch self.state.withLock({ $0.schedule.handle(.due, at: self.clock.now()) }) {
            case .fetch:
                let error = await self.fetch()
                if !Task.isCancelled { self.log(error, to: logger) }
            case .wait(let date):
                await self.pause(until: date)
            case .join, .decline: break
            }
        }
        let asking = self.state.withLock { state in
            state.isRunning = false
            return state.takeAsking()
        }
        for each in asking { each.finish() }
    }

    /// The one way to new credentials; the error where it leads to none.
    private func fetch() async -> CredentialsError? {
        let result: Result<Found, CredentialsError>
        do throws(CredentialsError) {
            result = .success(try await self.found())
        } catch {
            result = .failure(error)
        }
        let asking = self.state.withLock { state in
            state.note(result, at: self.clock.now(), random: self.clock.random())
            return state.takeAsking()
        }
        for each in asking { each.finish() }
        guard case .failure(let error) = result else { return nil }
        return error
    }

    private func found() async throws(CredentialsError) -> Found {
        let found = try await self.find()
        guard let end = found.credentials.expiresAt, end <= self.clock.now() else { return found }
        throw CredentialsError("\(found.source) gave credentials that have ended already", canPass: found.isRenewable)
    }

    /// In pieces: the clock on the wall may be put right while this sleeps.
    private func pause(until date: Date?) async {
        let seconds = date.map { min(60, max(0, $0.timeIntervalSince(self.clock.now()))) }
        await withTaskGroup(of: Void.self) { group in
            if let seconds { group.addTask { try? await self.clock.sleep(.seconds(seconds)) } }
            group.addTask { await self.bell.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func log(_ error: CredentialsError?, to logger: Logger) {
        let metadata = self.state.withLock { $0.latest }?.logMetadata ?? [:]
        guard let error else { return logger.info("Credentials renewed", metadata: metadata) }
        logger.warning(
            "Credentials not renewed",
            metadata: metadata.merging(["error.message": "\(error.message)"]) { $1 }
        )
    }
}

extension RefreshingCredentials.Found {
    fileprivate var logMetadata: Logger.Metadata {
        [
            "credentials.source": "\(self.source)",
            "credentials.expires_at": "\(self.credentials.expiresAt?.formatted(.iso8601) ?? "never")",
        ]
    }
}

extension RefreshingCredentials.State {
    fileprivate mutating func note(
        _ result: Result<RefreshingCredentials.Found, CredentialsError>,
        at now: Date,
        random: Double
    ) {
        switch result {
        case .success(let found):
            self.latest = found
            self.lastError = nil
            let event = RefreshSchedule.Event.found(
                end: found.credentials.expiresAt,
                isRenewable: found.isRenewable
            )
            _ = self.schedule.handle(event, at: now)
        case .failure(let error):
            self.lastError = error
            _ = self.schedule.handle(.failed(random: random), at: now)
        }
    }

    fileprivate mutating func takeAsking() -> [AsyncStream<Never>.Continuation] {
        defer { self.asking = [] }
        return self.asking
    }
}

extension RefreshingCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "RefreshingCredentials(redacted)" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
