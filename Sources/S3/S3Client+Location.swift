extension S3Client {
    /// The URL of an object, as clients reach the store: what an answer without a `Location` leaves to be said.
    package func url(ofKey key: String) -> String {
        let location = self.publicLocation
        let path = String(decoding: location.objectPath(key: key), as: UTF8.self)
        return "\(location.scheme.rawValue)://\(location.authority)\(path)"
    }
}
