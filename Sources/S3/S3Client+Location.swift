extension S3Client {
    /// The URL of an object, as clients reach the store: what an answer without a `Location` leaves to be said.
    package func url(ofKey key: String) -> String {
        let location = self.publicLocation
        let path = String(decoding: location.objectPath(key: key), as: UTF8.self)
        return "\(location.scheme.rawValue)://\(location.authority)\(path)"
    }

    /// Where this client sends its calls.
    package var address: String { Self.address(of: self.location) }

    /// Where presigned URLs lead.
    package var publicAddress: String { Self.address(of: self.publicLocation) }

    private static func address(of location: BucketLocation) -> String {
        "\(location.scheme.rawValue)://\(location.authority)\(String(decoding: location.rootPath, as: UTF8.self))"
    }
}
