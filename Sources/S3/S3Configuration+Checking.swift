extension S3Configuration {
    /// Finds what would fail later, and less clearly.
    package func check() throws(S3ConfigurationError) {
        guard Self.isBucketName(self.bucket) else {
            throw S3ConfigurationError(
                setting: "S3_BUCKET",
                message: "a bucket's name is of 1 to 255 letters, digits, dots, hyphens and underscores"
            )
        }
        guard (1...64).contains(self.region.utf8.count), self.region.utf8.allSatisfy(Self.isRegionCharacter) else {
            throw S3ConfigurationError(setting: "AWS_REGION", message: "a region is a name such as eu-central-1")
        }
        guard self.addressingStyle != .virtual || ![self.endpoint, self.publicEndpoint].contains(where: Self.isAddress)
        else {
            throw S3ConfigurationError(
                setting: "S3_ADDRESSING_STYLE",
                message: "virtual needs an endpoint with a host name, not an address"
            )
        }
    }

    private static func isBucketName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { URIEncoding.isUnreserved($0) && $0 != UInt8(ascii: "~") }
    }

    private static func isRegionCharacter(_ byte: UInt8) -> Bool {
        URIEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~") && byte != UInt8(ascii: ".")
    }

    private static func isAddress(_ endpoint: Endpoint?) -> Bool {
        guard let host = endpoint?.host else { return false }
        return host.hasPrefix("[") || host.allSatisfy { $0.isNumber || $0 == "." }
    }
}

/// A setting that cannot work, by the name that users know it by.
package struct S3ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let setting: String
    package let message: String

    package var description: String { "\(self.setting): \(self.message)" }
}
