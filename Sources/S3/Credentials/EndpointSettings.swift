/// Where settings say that a service of AWS's, or one like it, is.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
package enum EndpointSettings {
    /// What is set, the one that counts first: the service's own variable, the one for all services, the service's section
    /// of the profile, and the profile's one for all. None where settings are told to be passed over.
    ///
    /// - Parameter service: as in the names of settings, such as `s3` or `sts`.
    package static func named(
        service: String,
        environment: [String: String],
        profile: SharedProfile
    ) -> [(name: String, url: String)] {
        let ignored =
            environment.setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ?? profile["ignore_configured_endpoint_urls"]
        guard ignored?.lowercased() != "true" else { return [] }
        let variables = ["AWS_ENDPOINT_URL_\(service.uppercased())", "AWS_ENDPOINT_URL"]
        let settings =
            variables.map { ($0, environment.setting($0)) } + [
                ("endpoint_url", profile.services["\(service).endpoint_url"]),
                ("endpoint_url", profile["endpoint_url"]),
            ]
        return settings.compactMap { name, url in url.map { (name, $0) } }
    }
}
