import CRabbitMQ
import Glibc

/// One connection to the broker with one channel, both open from `init` to `close`.
///
/// Everything here is for the thread that made it: librabbitmq is not thread-safe, and sends heartbeats only inside its calls.
final class BrokerConnection {
    /// The channel that messages go through.
    static let channel: amqp_channel_t = 1
    /// For declarations that may fail: the broker closes the channel of one that does.
    static let scratchChannel: amqp_channel_t = 2
    /// Another, for what who declares asks while that one is in use; a reader of queues, which declares nothing, begins here.
    static let comparisonChannel: amqp_channel_t = 3

    let url: BrokerURL
    /// Distinguishes the delivery tags of this connection from those of the ones before.
    let number: UInt64
    let handle: amqp_connection_state_t
    let socketGuard: SocketGuard
    let arena = Arena()
    var assembler: MessageAssembler
    /// The channel of the event read last.
    var eventChannel: amqp_channel_t = 0

    /// Connects, logs in and opens the channel.
    init(
        url: BrokerURL,
        number: UInt64 = 1,
        configuration: BrokerConfiguration,
        bodyLimit: Int = 0,
        socketGuard: SocketGuard
    ) throws(BrokerError) {
        guard let handle = amqp_new_connection() else { throw BrokerError(.outOfResources("memory"), url: url) }
        self.url = url
        self.number = number
        self.handle = handle
        self.socketGuard = socketGuard
        self.assembler = MessageAssembler(bodyLimit: bodyLimit)
        try self.openSocket(configuration)
        self.socketGuard.watch(self.descriptor)
        try self.logIn(configuration)
        amqp_channel_open(handle, Self.channel)
        try self.checkReply()
    }

    deinit {
        self.socketGuard.unwatch()
        amqp_destroy_connection(self.handle)
    }

    var descriptor: Int32 { amqp_get_sockfd(self.handle) }
    var frameLimit: Int { Int(amqp_get_frame_max(self.handle)) }
    var heartbeat: Duration { .seconds(Int(amqp_get_heartbeat(self.handle))) }

    /// Says good-bye, so that the broker has everything that was sent before; waits for it briefly.
    func close() {
        self.setReplyTimeout(.seconds(2))
        let reply = amqp_channel_close(self.handle, Self.channel, AMQP_REPLY_SUCCESS)
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { return }
        amqp_connection_close(self.handle, AMQP_REPLY_SUCCESS)
    }

    /// Whether the socket takes bytes now. To be asked before each publish: the library's calls wait for room without
    /// reading, and a broker that waits for its own bytes to be read waits for ever.
    var isWritable: Bool {
        var socket = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&socket, 1, 0) == 1
    }

    /// Waits for the broker, a command, or the time to be over.
    func wait(for bell: EventFD?, untilWritable: Bool, atMost timeout: Duration) {
        let events = untilWritable ? POLLIN | POLLOUT : POLLIN
        var descriptors = [
            pollfd(fd: self.descriptor, events: Int16(events), revents: 0),
            pollfd(fd: bell?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, timeout.milliseconds)
    }

    /// Whether frames were read already: `wait` would not notice them.
    var hasBufferedFrames: Bool {
        amqp_frames_enqueued(self.handle) != 0 || amqp_data_in_buffer(self.handle) != 0
    }

    func setReplyTimeout(_ timeout: Duration) {
        var time = timeout.timeval
        amqp_set_rpc_timeout(self.handle, &time)
    }
}

extension Duration {
    /// Rounded up, so that who waits that long does not wake too early.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = self.components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return max(0, Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }

    var timeval: timeval {
        let (seconds, attoseconds) = self.components
        return Glibc.timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
