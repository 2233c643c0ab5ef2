/// Room for the large bodies that are held at a time. AMQP limits unacknowledged deliveries by their number only: RabbitMQ
/// has no `basic.qos` by size.
package struct BodyRoom: Sendable {
    /// Bodies up to here are not counted.
    private let freeSize: UInt64
    private var left: UInt64

    package init(forBodiesOver freeSize: Int, bytes: Int) {
        self.freeSize = UInt64(freeSize)
        self.left = UInt64(bytes)
    }

    /// Whether a body of this size may be held.
    mutating func take(_ size: UInt64) -> Bool {
        guard size > self.freeSize else { return true }
        guard size <= self.left else { return false }
        self.left -= size
        return true
    }

    /// A body that was taken in is held no more.
    mutating func giveBack(_ size: UInt64) {
        if size > self.freeSize { self.left += size }
    }
}
