import Uploads

/// The settings that are right; each that is wrong leaves out only what needs it.
struct SettingsCheck: Sendable {
    private(set) var results: [CheckResult] = []
    private(set) var broker: BrokerSettings?
    private(set) var store: StoreSettings?
    private(set) var rules: UploadRules?
    private(set) var sessions: SessionSettings?
    private(set) var retry: RetrySettings?
    private(set) var resultSettings: ResultSettings?

    init(_ source: SettingsSource) {
        self.broker = self.read { () throws(SettingError) in try BrokerSettings(source) }
        self.store = self.read { () throws(SettingError) in try StoreSettings(source) }
        self.rules = self.read { () throws(SettingError) in try UploadRules(source) }
        self.sessions = self.read { () throws(SettingError) in try SessionSettings(source) }
        self.retry = self.read { () throws(SettingError) in try RetrySettings(source) }
        let names = self.broker?.topology ?? TopologyNames(prefix: "uploads")
        self.resultSettings = self.read { () throws(SettingError) in try ResultSettings(source, names: names) }
        _ = self.read { () throws(SettingError) in try ProcessSettings(source) }
        _ = self.read { () throws(SettingError) in try TraceSettings(source) }
        // Whatever else a worker refuses to start with.
        if self.results.isEmpty { _ = self.read { () throws(SettingError) in try Settings(source) } }
        if self.results.isEmpty { self.results = [.ok("settings", "all read and within their rules")] }
    }

    private mutating func read<Group>(_ make: () throws(SettingError) -> Group) -> Group? {
        do throws(SettingError) {
            return try make()
        } catch {
            self.results.append(
                .failure("settings", "\(error)", remedy: "set \(error.name) right; README.md lists every setting")
            )
            return nil
        }
    }
}
