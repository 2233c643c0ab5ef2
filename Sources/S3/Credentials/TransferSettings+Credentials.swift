extension TransferSettings {
    /// Next door: who does not answer at once is not there. A proxy would be somebody else.
    static let instanceMetadata = TransferSettings.forCredentials(timeout: .seconds(1), whole: .seconds(2))

    /// An agent on the same host, which may have to ask AWS first.
    static let containerEndpoint = TransferSettings.forCredentials(timeout: .seconds(2), whole: .seconds(5))

    static func tokenService(caFile: String?) -> TransferSettings {
        var settings = TransferSettings.forCredentials(timeout: .seconds(5), whole: .seconds(10))
        settings.caFile = caFile
        settings.usesProxy = true
        return settings
    }

    private static func forCredentials(timeout: Duration, whole: Duration) -> TransferSettings {
        var settings = TransferSettings(timeout: timeout, maxConnections: 1)
        settings.longestTransfer = whole
        settings.usesProxy = false
        settings.maxBodyBytes = 64 * 1024
        return settings
    }
}
