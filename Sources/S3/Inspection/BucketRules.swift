/// One rule of a bucket's CORS configuration: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
package struct CORSRule: Equatable, Sendable {
    package var origins: [String]
    package var methods: [String]
    package var exposedHeaders: [String]

    package init(origins: [String], methods: [String], exposedHeaders: [String]) {
        self.origins = origins
        self.methods = methods
        self.exposedHeaders = exposedHeaders
    }
}

/// A bucket's rule to abort uploads that nobody completes.
package struct AbortRule: Equatable, Sendable {
    /// Of the keys that it is for; empty for all.
    package var prefix: String
    package var daysAfterInitiation: Int

    package init(prefix: String, daysAfterInitiation: Int) {
        self.prefix = prefix
        self.daysAfterInitiation = daysAfterInitiation
    }
}

extension CORSRule {
    init(_ element: ResponseElement) {
        self.init(
            origins: element.children(named: "AllowedOrigin").map(\.text),
            methods: element.children(named: "AllowedMethod").map(\.text),
            exposedHeaders: element.children(named: "ExposeHeader").map(\.text)
        )
    }
}

extension AbortRule {
    /// Nil for a rule that is off, or about something else.
    init?(_ element: ResponseElement) {
        guard element["Status"] == "Enabled",
            let abort = element.children(named: "AbortIncompleteMultipartUpload").first(where: { _ in true }),
            let days = abort["DaysAfterInitiation"].flatMap(Int.init)
        else { return nil }
        let filter = element.children(named: "Filter").first { _ in true }
        let and = filter?.children(named: "And").first { _ in true }
        self.init(
            prefix: element["Prefix"] ?? filter?["Prefix"] ?? and?["Prefix"] ?? "",
            daysAfterInitiation: days
        )
    }
}
