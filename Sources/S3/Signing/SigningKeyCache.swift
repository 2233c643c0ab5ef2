import Synchronization

/// The signing key last used: it is derived once a day, and once for new credentials.
final class SigningKeyCache: Sendable {
    private let region: String
    private let latest = Mutex<SigningKey?>(nil)

    init(region: String) {
        self.region = region
    }

    func key(for credentials: Credentials, at date: SigningDate) -> SigningKey {
        self.latest.withLock { latest in
            if let latest, latest.day == date.day, latest.credentials == credentials { return latest }
            let key = SigningKey(credentials: credentials, region: self.region, date: date)
            latest = key
            return key
        }
    }
}
