import CRabbitMQ

@testable import AMQP

/// Straight calls to the broker, beside what is tested.
extension TestBroker {
    static func messageCount(_ queue: String) async throws -> UInt32 {
        try await self.look(at: queue).messages
    }

    static func consumerCount(_ queue: String) async throws -> UInt32 {
        try await self.look(at: queue).consumers
    }

    private static func look(at queue: String) async throws -> (messages: UInt32, consumers: UInt32) {
        try await self.withConnection { connection throws(BrokerError) in
            let answer = amqp_queue_declare(
                connection.handle,
                BrokerConnection.channel,
                connection.arena.copy(queue),
                1,
                0,
                0,
                0,
                amqp_table_t()
            )
            try connection.checkReply()
            return (answer?.pointee.message_count ?? .max, answer?.pointee.consumer_count ?? .max)
        }
    }

    static func delete(_ queue: String) async throws {
        try await self.withConnection { connection throws(BrokerError) in
            amqp_queue_delete(connection.handle, BrokerConnection.channel, connection.arena.copy(queue), 0, 0)
            try connection.checkReply()
        }
    }

    /// Runs `body` with a connection of its own, on a thread of its own.
    static func withConnection<Value: Sendable>(
        _ body: @escaping @Sendable (BrokerConnection) throws(BrokerError) -> Value
    ) async throws -> Value {
        let configuration = try self.configuration("direct")
        return try await onBrokerThread(named: "direct") { () -> Result<Value, BrokerError> in
            do throws(BrokerError) {
                let connection = try BrokerConnection(
                    url: configuration.urls[0],
                    configuration: configuration,
                    socketGuard: SocketGuard()
                )
                let value = try body(connection)
                connection.close()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }.get()
    }
}

extension BrokerConnection {
    /// Publishes a message with headers that a `FieldTable` never has: `levels` tables in one another.
    func publishNested(_ levels: Int, to queue: String) throws(BrokerError) {
        guard let entries = self.arena.allocate(levels, of: amqp_table_entry_t.self) else { return }
        for level in 0..<levels {
            var entry = amqp_table_entry_t()
            entry.value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            let isLast = level == levels - 1
            entry.value.value.table = amqp_table_t(
                num_entries: isLast ? 0 : 1,
                entries: isLast ? nil : entries + level + 1
            )
            entries[level] = entry
        }
        var properties = amqp_basic_properties_t()
        properties._flags = amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
        properties.headers = amqp_table_t(num_entries: 1, entries: entries)
        let key = self.arena.copy(queue)
        try self.check(
            amqp_basic_publish(self.handle, Self.channel, amqp_bytes_t(), key, 0, 0, &properties, amqp_bytes_t())
        )
    }
}
