import S3

/// Says why a store refuses whatever a worker asks, for people, and the way out.
///
/// Of the store's answer it shows the code alone: a message may hold anything.
struct StoreRefusal: Sendable {
    let bucket: String
    let region: String
    /// What the store was asked about.
    let key: String

    /// Nil for an error that says nothing of other requests.
    func reason(_ error: S3Error) -> String? {
        if error.code == "NoSuchBucket" {
            return "there is no bucket \(self.bucket): create it, or name another one in S3_BUCKET"
        }
        if error.isOfAnotherRegion { return self.otherRegion(error) }
        // Said by this process, not by the store.
        if error.code == "NoCredentials" { return "there are no credentials to ask it with: \(error.message)" }
        if error.areCredentialsRefused {
            return
                "it does not take the credentials (\(error.code)): check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                + "or the source they come from, and that they are of this store"
        }
        if error.isOfTheClock {
            return "this machine's clock is not the store's (\(error.code)): set it by NTP"
        }
        guard error.status == 403 || error.status == 401 else { return nil }
        return "it does not let \(self.key) be written to bucket \(self.bucket) (\(error.code)): "
            + "allow s3:PutObject there, and the rest of what README.md says that the store must allow"
    }

    private func otherRegion(_ error: S3Error) -> String {
        // Where the answer names the region, the message is ours.
        if error.message.contains("set AWS_REGION=") { return error.message }
        return "bucket \(self.bucket) is not in \(self.region) (\(error.code)): set AWS_REGION to the bucket's region"
    }
}

extension S3Error {
    /// The store does not know who asks, or does not believe it.
    var areCredentialsRefused: Bool {
        let codes = [
            "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
            "InvalidSecurity", "NotSignedUp", "NoCredentials",
        ]
        return codes.contains(self.code)
    }

    var isOfTheClock: Bool { self.code == "RequestTimeTooSkewed" }

    var isOfAnotherRegion: Bool {
        ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"].contains(self.code)
    }

    /// Whether every other request would be refused alike, as far as the code tells.
    var refusesEverything: Bool {
        self.code == "NoSuchBucket" || self.isOfAnotherRegion || self.areCredentialsRefused || self.isOfTheClock
            || self.status == 403 || self.status == 401
    }
}
