import FlyingFox
import FlyingSocks
import Foundation

/// The pages for probes and for Prometheus: `/healthz` answers while the process turns, `/readyz` says whether it can
/// serve, `/metrics` what it counts.
struct StatusServer: Sendable {
    private let server: HTTPServer
    private let readiness: Readiness
    private let metrics: WorkerMetricsPage
    private let address: String

    init(_ settings: ProcessSettings, readiness: Readiness, metrics: WorkerMetricsPage) throws(SettingError) {
        self.readiness = readiness
        self.metrics = metrics
        self.address = "\(settings.httpHost):\(settings.httpPort)"
        self.server = try Self.server(settings)
    }

    /// Serves until cancelled; any other path is answered with 404.
    func run() async throws {
        await self.server.appendRoute("GET *") { request in self.page(at: request.target.path()) }
        await self.server.appendRoute("HEAD *") { request in
            try await self.page(at: request.target.path()).withoutBody()
        }
        do {
            try await self.server.run()
        } catch  where !Task.isCancelled {
            throw SettingError("HTTP_PORT", "cannot be used, \(self.address): \(Self.reason(error))")
        }
    }

    private func page(at path: String) -> HTTPResponse {
        switch path {
        case "/healthz":
            return Self.page(.ok, StatusPage(status: "ok"))
        case "/readyz":
            let page = StatusPage(self.readiness)
            return Self.page(page.reasons == [] ? .ok : .serviceUnavailable, page)
        case "/metrics":
            return HTTPResponse(
                statusCode: .ok,
                headers: [.contentType: MetricsPage.contentType],
                body: Data(self.metrics.text.utf8)
            )
        default:
            return HTTPResponse(statusCode: .notFound)
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard case .failed(_, _, let message)? = error as? SocketError else { return "\(error)" }
        return message
    }

    private static func page(_ status: HTTPStatusCode, _ page: StatusPage) -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(page)) ?? Data()
        return HTTPResponse(statusCode: status, headers: [.contentType: "application/json"], body: body)
    }

    private static func server(_ settings: ProcessSettings) throws(SettingError) -> HTTPServer {
        let host = settings.httpHost
        do {
            return host.contains(":")
                ? HTTPServer(
                    address: try sockaddr_in6.inet6(ip6: host, port: settings.httpPort),
                    timeout: 5,
                    logger: .disabled
                )
                : HTTPServer(
                    address: try sockaddr_in.inet(ip4: host, port: settings.httpPort),
                    timeout: 5,
                    logger: .disabled
                )
        } catch {
            throw SettingError("HTTP_HOST", value: settings.httpHost, "it must be an IP address of this machine")
        }
    }
}

extension HTTPResponse {
    /// The answer to HEAD: FlyingFox would send the body, and a client would take it for its next answer.
    fileprivate func withoutBody() async throws -> HTTPResponse {
        var headers = self.headers
        headers[.contentLength] = try await "\(self.bodyData.count)"
        return HTTPResponse(statusCode: self.statusCode, headers: headers)
    }
}

/// What a probe reads.
private struct StatusPage: Encodable {
    struct Check: Encodable {
        var ok: Bool
        var reason: String?
    }

    var status: String
    /// Of all conditions that are not met.
    var reasons: [String]?
    /// Each condition by its name.
    var checks: [String: Check]?
}

extension StatusPage {
    init(_ readiness: Readiness) {
        // Each asked once: what is said of a moment must fit together.
        let checks = Readiness.Condition.allCases.map { condition in
            let reason = readiness.reason(condition)
            return (condition.rawValue, Check(ok: reason == nil, reason: reason))
        }
        let reasons = checks.compactMap(\.1.reason)
        self.init(
            status: reasons.isEmpty ? "ready" : "not ready",
            reasons: reasons,
            checks: Dictionary(uniqueKeysWithValues: checks)
        )
    }
}
