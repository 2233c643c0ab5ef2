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
        await self.server.appendRoute("GET,HEAD *") { request in self.page(at: request.target.path()) }
        do {
            try await self.server.run()
        } catch  where !Task.isCancelled {
            throw SettingError("HTTP_PORT", "cannot be used, \(self.address): \(Self.reason(error))")
        }
    }

    private func page(at path: String) -> HTTPResponse {
        switch path {
        case "/healthz":
            return Self.page(.ok, StatusPage(status: "ok", reasons: nil))
        case "/readyz":
            let reasons = self.readiness.reasons
            return reasons.isEmpty
                ? Self.page(.ok, StatusPage(status: "ready", reasons: []))
                : Self.page(.serviceUnavailable, StatusPage(status: "not ready", reasons: reasons))
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

    private struct StatusPage: Encodable {
        var status: String
        var reasons: [String]?
    }

    private static func page(_ status: HTTPStatusCode, _ page: StatusPage) -> HTTPResponse {
        let body = (try? JSONEncoder().encode(page)) ?? Data()
        return HTTPResponse(statusCode: status, headers: [.contentType: "application/json"], body: body)
    }

    private static func server(_ settings: ProcessSettings) throws(SettingError) -> HTTPServer {
        let host = settings.httpHost == "localhost" ? "127.0.0.1" : settings.httpHost
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
