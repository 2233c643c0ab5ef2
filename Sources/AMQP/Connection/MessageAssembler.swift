/// Puts a message together from the frames of its channel: a method, a header, bodies.
///
/// Pure. A frame out of order is an error: the broker never sends one, and what follows cannot be read.
struct MessageAssembler {
    /// The method that a message begins with.
    enum Head: Equatable {
        case delivery(consumerTag: AMQPString, tag: UInt64, isRedelivered: Bool, exchange: AMQPString, key: AMQPString)
        case returned(code: UInt16, text: String, exchange: AMQPString, key: AMQPString)
    }

    /// A message, all of it here.
    struct Message: Equatable {
        let head: Head
        let properties: MessageProperties
        var body: [UInt8]
        let bodySize: UInt64
    }

    struct OutOfOrder: Error {}

    private enum State {
        case idle
        case headed(Head)
        case filling(Message, missing: UInt64, isKept: Bool)
    }

    private var state = State.idle
    /// A delivery's body over this is read and not kept. A returned one is kept: it was ours.
    let bodyLimit: Int
    /// Nor is one that finds no room.
    var room: BodyRoom?

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    mutating func begin(_ head: Head) throws(OutOfOrder) {
        guard case .idle = self.state else { throw OutOfOrder() }
        self.state = .headed(head)
    }

    /// The message, where it has no body.
    mutating func header(_ properties: MessageProperties, bodySize: UInt64) throws(OutOfOrder) -> Message? {
        guard case .headed(let head) = self.state else { throw OutOfOrder() }
        var message = Message(head: head, properties: properties, body: [], bodySize: bodySize)
        guard bodySize > 0 else {
            self.state = .idle
            return message
        }
        let isKept = self.keeps(message)
        if isKept { message.body.reserveCapacity(Int(bodySize)) }
        self.state = .filling(message, missing: bodySize, isKept: isKept)
        return nil
    }

    /// The message, where this was the rest of it.
    mutating func body(_ bytes: UnsafeRawBufferPointer) throws(OutOfOrder) -> Message? {
        guard case .filling(var message, let missing, let isKept) = self.state, bytes.count <= missing else {
            throw OutOfOrder()
        }
        self.state = .idle
        if isKept { message.body.append(contentsOf: bytes) }
        let left = missing - UInt64(bytes.count)
        guard left > 0 else { return message }
        self.state = .filling(message, missing: left, isKept: isKept)
        return nil
    }

    private mutating func keeps(_ message: Message) -> Bool {
        switch message.head {
        case .delivery: message.bodySize <= UInt64(self.bodyLimit) && self.room?.take(message.bodySize) ?? true
        case .returned: true
        }
    }
}
