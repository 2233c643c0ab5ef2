package import FoundationEssentials

extension S3Client {
    /// URLs to put parts 1 to `partCount` to, all good for the same time: what was asked, at most 7 days, and never past
    /// a minute before the end of the credentials that sign them. Nothing is sent.
    package func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        let date = SigningDate(now)
        let signingKey = try await self.signingKey(for: .uploadPart, at: date)
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
}
