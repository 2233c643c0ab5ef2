/// Which bucket, where, and how to reach it.
package struct S3Configuration: Sendable, Equatable {
    package enum AddressingStyle: String, Sendable, CaseIterable {
        /// Virtual-hosted on AWS where the bucket's name allows, path on a custom endpoint.
        case auto
        case path
        case virtual
    }

    package var bucket: String
    package var region: String
    /// Nil is AWS's own for the region.
    package var endpoint: Endpoint?
    /// The host that presigned URLs name, where clients reach the store by another one than the worker.
    package var publicEndpoint: Endpoint?
    package var addressingStyle: AddressingStyle
    /// To connect, and between two bytes of an answer.
    package var timeout: Duration
    /// PEM certificates to trust in place of the system's.
    package var caFile: String?
    /// Transfers beyond it wait their turn.
    package var maxConnections: Int
    /// Before presigned URLs live shorter than this, and than asked, credentials that last longer are asked for.
    package var minimumURLLife: Duration

    package init(
        bucket: String,
        region: String,
        endpoint: Endpoint? = nil,
        publicEndpoint: Endpoint? = nil,
        addressingStyle: AddressingStyle = .auto,
        timeout: Duration = .seconds(30),
        caFile: String? = nil,
        maxConnections: Int = 256,
        minimumURLLife: Duration = .zero
    ) {
        self.bucket = bucket
        self.region = region
        self.endpoint = endpoint
        self.publicEndpoint = publicEndpoint
        self.addressingStyle = addressingStyle
        self.timeout = timeout
        self.caFile = caFile
        self.maxConnections = maxConnections
        self.minimumURLLife = minimumURLLife
    }
}
