internal import FoundationEssentials

extension RefreshingCredentials {
    /// Credentials of the first source that the settings set up, in the order of every AWS SDK; files and sources are
    /// looked at anew each time.
    ///
    /// - Parameter minimumLife: how long they should have left to live: they are renewed before.
    package convenience init(environment: [String: String], minimumLife: Duration = .zero) {
        let chain = CredentialsChain(environment: environment)
        self.init(minimumLife: minimumLife) { () throws(CredentialsError) in
            try await Self.found(chain.find(), now: { Date() })
        }
    }

    private static func found(
        _ finding: CredentialsChain.Finding,
        now: @Sendable () -> Date
    ) async throws(CredentialsError) -> Found {
        do throws(CredentialsError) {
            return Found(
                credentials: try await finding.source.fetch(now: now),
                source: finding.source.name,
                isRenewable: finding.source.isRenewable
            )
        } catch {
            guard let looked = finding.looked else { throw error }
            throw CredentialsError(
                "no credentials: \(looked), and \(error.message); \(CredentialsChain.wayOut)",
                canPass: error.canPass,
                nothingIsSetUp: true
            )
        }
    }
}
