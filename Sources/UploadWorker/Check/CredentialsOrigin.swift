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
    func credentialsOrigin(_ source: SettingsSource) async throws(CredentialsError) -> CredentialsOrigin {
        let found = try await self.credentials.credentials()
        let isExported = source.text("AWS_ACCESS_KEY_ID") != nil
        let profile = "profile \(source.text("AWS_PROFILE") ?? "default") of the shared AWS files"
        return CredentialsOrigin(
            source: isExported ? "AWS_ACCESS_KEY_ID" : profile,
            expiresAt: found.expiresAt,
            areTemporary: found.sessionToken != nil
        )
    }
}
