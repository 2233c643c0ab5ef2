import CRabbitMQ

/// Memory for what one call into librabbitmq points at; emptied as a whole.
final class Arena {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        self.pool = .allocate(capacity: 1)
        init_amqp_pool(self.pool, 16 * 1024)
    }

    deinit {
        empty_amqp_pool(self.pool)
        self.pool.deallocate()
    }

    /// Makes everything copied here before invalid.
    func recycle() {
        recycle_amqp_pool(self.pool)
    }

    func copy(_ bytes: [UInt8]) -> amqp_bytes_t {
        guard !bytes.isEmpty, let memory = amqp_pool_alloc(self.pool, bytes.count) else { return amqp_bytes_t() }
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyMemory(from: source)
        }
        return amqp_bytes_t(len: bytes.count, bytes: memory)
    }

    func copy(_ string: AMQPString) -> amqp_bytes_t {
        self.copy(string.bytes)
    }

    func copy(_ text: String) -> amqp_bytes_t {
        self.copy(Array(text.utf8))
    }

    /// Uninitialised room for `count` values, or nil when memory is out.
    func allocate<Value>(_ count: Int, of type: Value.Type) -> UnsafeMutablePointer<Value>? {
        amqp_pool_alloc(self.pool, max(1, count) * MemoryLayout<Value>.stride)?
            .bindMemory(to: type, capacity: count)
    }
}

extension amqp_bytes_t {
    /// A copy that outlives the library's buffer.
    var copied: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: self.bytes, count: self.len))
    }

    /// For texts that people read: what is not UTF-8 is replaced.
    var text: String {
        String(decoding: UnsafeRawBufferPointer(start: self.bytes, count: self.len), as: UTF8.self)
    }
}

extension AMQPString {
    init(_ bytes: amqp_bytes_t) {
        self.bytes = bytes.copied
    }
}
