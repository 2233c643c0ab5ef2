import Foundation
import S3

/// Where the store's credentials come from, and what is known of their end.
struct CredentialsOrigin: Equatable, Sendable {
    var source: String
    var expiresAt: Date?
    /// A session token goes with them: they end some time.
    var areTemporary: Bool
}

extension StoreSettings {
    func credentialsOrigin() async throws(CredentialsError) -> CredentialsOrigin {
        try await self.credentials.load()
        return CredentialsOrigin(
            source: self.credentials.sourceName ?? "an unknown source",
            expiresAt: self.credentials.expiration,
            areTemporary: self.credentials.areTemporary
        )
    }
}
