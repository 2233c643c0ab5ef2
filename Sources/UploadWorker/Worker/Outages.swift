/// What keeps the worker from taking requests: an outage of the store or of the session database, or a broker that takes
/// no results.
struct Outages: Sendable {
    /// Rings when one begins or ends.
    let alarm: Alarm
    let store: StoreOutage
    let database: DatabaseOutage
    let publishing: PublishingOutage

    /// - Parameter threshold: how many requests in a row the store has to fail; 0 for never.
    init(storeAfter threshold: Int) {
        self.alarm = Alarm()
        self.store = StoreOutage(after: threshold, alarm: self.alarm)
        self.database = DatabaseOutage(alarm: self.alarm)
        self.publishing = PublishingOutage(alarm: self.alarm)
    }

    /// Whether a request would find out how the store is.
    var isOfStoreAlone: Bool { self.store.isDown && self.database.reason == nil && self.publishing.reason == nil }

    /// Why nothing is taken, in words; nil while requests are.
    var reason: String? { self.database.reason ?? self.store.reason ?? self.publishing.reason }
}
