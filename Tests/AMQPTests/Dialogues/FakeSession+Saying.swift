extension FakeSession {
    func confirm(_ number: UInt64, upTo: Bool = false) throws {
        try self.send(1, 60, 80) { writer in
            writer.number(number)
            writer.number(UInt8(upTo ? 1 : 0))
        }
    }

    func refuse(_ number: UInt64, upTo: Bool = false) throws {
        try self.send(1, 60, 120) { writer in
            writer.number(number)
            writer.number(UInt8(upTo ? 1 : 0))
        }
    }

    func deliver(_ tag: UInt64, consumer: String, body: [UInt8] = [], channel: UInt16 = 1) throws {
        try self.send(channel, 60, 60) { writer in
            writer.short(consumer)
            writer.number(tag)
            writer.number(UInt8(0))
            writer.short("")
            writer.short("key")
        }
        try self.sendContent(body, channel: channel)
    }

    /// Answers a `.get` that `next` gave: the queue is empty.
    func nothingToGet() throws {
        try self.send(1, 60, 72) { $0.short("") }
    }

    /// Returns a publication to the default exchange.
    func giveBack(key: String, body: [UInt8] = []) throws {
        try self.send(1, 60, 50) { writer in
            writer.number(UInt16(312))
            writer.short("NO_ROUTE")
            writer.short("")
            writer.short(key)
        }
        try self.sendContent(body)
    }

    /// Answers a `.cancel` that `next` gave.
    func cancelled(_ consumer: String, channel: UInt16 = 1) throws {
        try self.send(channel, 60, 31) { $0.short(consumer) }
    }

    /// Ends a consumer, as for a deleted queue.
    func cancel(_ consumer: String, channel: UInt16 = 1) throws {
        try self.send(channel, 60, 30) { writer in
            writer.short(consumer)
            writer.number(UInt8(1))
        }
    }

    func block(_ reason: String) throws {
        try self.send(0, 10, 60) { $0.short(reason) }
    }

    func unblock() throws {
        try self.send(0, 10, 61)
    }

    func closeChannel(_ code: UInt16, _ text: String, channel: UInt16 = 1) throws {
        try self.sendClose(channel, 20, 40, code, text)
    }

    func closeConnection(_ code: UInt16, _ text: String) throws {
        try self.sendClose(0, 10, 50, code, text)
    }

    private func sendClose(_ channel: UInt16, _ class: UInt16, _ method: UInt16, _ code: UInt16, _ text: String) throws
    {
        try self.send(channel, `class`, method) { writer in
            writer.number(code)
            writer.short(text)
            writer.number(UInt32(0))
        }
    }

    private func sendContent(_ body: [UInt8], channel: UInt16 = 1) throws {
        var header = WireWriter()
        header.number(UInt16(60))
        header.number(UInt16(0))
        header.number(UInt64(body.count))
        header.number(UInt16(0))
        try self.sendFrame(2, channel, header.bytes)
        if !body.isEmpty { try self.sendFrame(3, channel, body) }
    }
}
