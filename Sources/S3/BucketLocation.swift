/// How one bucket is addressed at one endpoint.
struct BucketLocation: Sendable, Equatable {
    let scheme: Endpoint.Scheme
    /// The `Host` header: the port is named where it is not the scheme's own.
    let authority: String
    /// Everything before the slash of an object's key; empty for a virtual-hosted bucket.
    let bucketPath: [UInt8]

    /// `custom` is nil for AWS's own endpoint of the region.
    init(bucket: String, custom: Endpoint?, region: String, style: S3Configuration.AddressingStyle) {
        let endpoint = custom ?? .aws(region: region)
        let isVirtual =
            switch style {
            case .path: false
            case .virtual: true
            case .auto: custom == nil && Self.isHostLabel(bucket)
            }
        self.scheme = endpoint.scheme
        self.authority = isVirtual ? "\(bucket).\(endpoint.authority)" : endpoint.authority
        var path = Array(endpoint.pathPrefix.utf8)
        if !isVirtual {
            path.append(UInt8(ascii: "/"))
            URIEncoding.appendPath(bucket, to: &path)
        }
        self.bucketPath = path
    }

    /// A service that has no buckets.
    init(service endpoint: Endpoint) {
        self.scheme = endpoint.scheme
        self.authority = endpoint.authority
        self.bucketPath = Array("\(endpoint.pathPrefix)/".utf8)
    }

    /// The path of the bucket itself.
    var rootPath: [UInt8] {
        self.bucketPath.isEmpty ? [UInt8(ascii: "/")] : self.bucketPath
    }

    func objectPath(key: String) -> [UInt8] {
        var path = self.bucketPath
        path.reserveCapacity(path.count + 1 + key.utf8.count)
        path.append(UInt8(ascii: "/"))
        URIEncoding.appendPath(key, to: &path)
        return path
    }

    /// Whether a certificate for `*.s3.REGION.amazonaws.com` covers the bucket: no dot, no upper case.
    private static func isHostLabel(_ bucket: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(bucket.utf8.count) && bucket.utf8.first != hyphen && bucket.utf8.last != hyphen
            && bucket.utf8.allSatisfy { byte in
                byte == hyphen || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
