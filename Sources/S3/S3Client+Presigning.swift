package import FoundationEssentials

extension S3Client {
    /// URLs to put parts 1 to `partCount` to, all good for the same time: what was asked, at most 7 days, and never past
    /// a minute before the end of the credentials that sign them. Nothing is sent; only where they would live shorter than
    /// the configuration's `minimumURLLife`, this waits for credentials that last longer, if there are any to be had.
    package func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        let date = SigningDate(now)
        let signingKey = try await self.lastingKey(asked: asked, at: date)
        let lifetime = URLLifetime.seconds(asked: asked, from: date, credentialsEnd: signingKey.credentials.expiresAt)
        guard lifetime > 0 else {
            throw S3Error(.uploadPart, credentials: CredentialsError("the credentials have expired", canPass: true))
        }
        let signer = PartURLSigner(
            location: self.publicLocation,
            key: key,
            uploadID: uploadID,
            signingKey: signingKey,
            date: date,
            lifetime: lifetime
        )
        return PresignedParts(
            urls: partCount > 0 ? signer.urls(parts: 1...partCount) : [],
            expiresAt: date.date.addingTimeInterval(Double(lifetime))
        )
    }

    /// A key whose credentials last long enough for URLs, if there are such.
    private func lastingKey(asked: Duration, at date: SigningDate) async throws(S3Error) -> SigningKey {
        let key = try await self.signingKey(for: .uploadPart, at: date)
        guard let end = key.credentials.expiresAt else { return key }
        let wanted = URLLifetime.end(asked: min(asked, self.configuration.minimumURLLife), from: date)
        guard end < wanted else { return key }
        await self.credentials.renew(until: wanted)
        return try await self.signingKey(for: .uploadPart, at: date)
    }
}
