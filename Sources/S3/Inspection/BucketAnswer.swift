package import FoundationEssentials

/// What an answer about a bucket tells, be it an error or not.
package struct BucketAnswer: Equatable, Sendable {
    package var error: S3Error?
    /// The server's clock, in whole seconds; nil where it did not tell.
    package var serverDate: Date?
    /// Half way between the request and its answer, by the clock here.
    package var date: Date
    /// The bucket's own region, where the answer names it.
    package var region: String?

    package init(error: S3Error? = nil, serverDate: Date? = nil, date: Date, region: String? = nil) {
        self.error = error
        self.serverDate = serverDate
        self.date = date
        self.region = region
    }
}

extension BucketAnswer {
    /// Seconds that the clock here is ahead of the server's; the server's is taken to be half way to its next second.
    package var skew: Double? {
        self.serverDate.map { self.date.timeIntervalSince($0) - 0.5 }
    }
}
