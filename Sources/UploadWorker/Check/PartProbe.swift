import Foundation
import S3

/// Puts one byte to a part's URL, as a client would: whether `S3_PUBLIC_ENDPOINT` leads to the store, and whether what stands
/// in between leaves the host name that was signed as it is.
struct PartProbe: Sendable {
    private static let name = "store.part"

    let client: S3Client
    let key: String
    let limit: Duration
    let caFile: String?
    /// Whether URLs lead over a network without TLS.
    let isInTheClear: Bool

    /// The part goes with the upload.
    func run(_ uploadID: String) async -> CheckResult {
        let address = self.client.publicAddress
        do {
            let signed = try await self.client.presignedParts(
                key: self.key,
                uploadID: uploadID,
                partCount: 1,
                asked: .seconds(60),
                now: Date()
            )
            guard let url = signed.urls.first else { return self.unreachable(address, "no URL could be signed") }
            return try await self.put(to: url, address)
        } catch let error as PartUploadError {
            return self.failure(address, error)
        } catch {
            return .failure(Self.name, "a part's URL cannot be signed: \(error)", remedy: "get new credentials")
        }
    }

    private func put(to url: PresignedURL, _ address: String) async throws(PartUploadError) -> CheckResult {
        let zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC)
        defer { close(zeros) }
        // The library counts whole seconds, and 0 is its own default there.
        let upload = PartUpload(
            url: url,
            file: zeros,
            range: 0..<1,
            stallTimeout: max(.seconds(1), self.limit),
            caFile: self.caFile
        )
        _ = try await upload.put { _ in }
        guard !self.isInTheClear else {
            return .warning(
                Self.name,
                "\(address) takes parts without TLS: whoever listens can use their URLs",
                remedy: "name an https address in S3_PUBLIC_ENDPOINT"
            )
        }
        return .ok(Self.name, "\(address) takes a part by its URL alone")
    }

    private func failure(_ address: String, _ error: PartUploadError) -> CheckResult {
        if case .transport(let reason, _) = error { return self.unreachable(address, reason) }
        return .failure(
            Self.name,
            "\(address) takes no part by its URL: \(error)",
            remedy:
                "let S3_PUBLIC_ENDPOINT lead to the store of AWS_ENDPOINT_URL_S3, and keep the Host header on the way"
        )
    }

    /// No failure: clients may reach what this machine does not.
    private func unreachable(_ address: String, _ reason: String) -> CheckResult {
        .warning(
            Self.name,
            "\(address), where part URLs lead, cannot be reached from here: \(reason)",
            remedy: "see to it that clients can, or set S3_PUBLIC_ENDPOINT to where they do"
        )
    }
}
