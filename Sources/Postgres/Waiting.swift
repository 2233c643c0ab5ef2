#if PostgreSQL
    import Glibc

    /// Whether the socket became ready for one of these events in time.
    func waitForSocket(_ socket: Int32, _ events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var waiting = pollfd(fd: socket, events: events, revents: 0)
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            let count = poll(&waiting, 1, Int32(clamping: milliseconds))
            // An error is for the next call on the socket to tell.
            if count > 0 || (count < 0 && errno != EINTR) { return true }
        }
    }

    func sleep(for duration: Duration) {
        usleep(UInt32(duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000))
    }

    /// The texts as C strings, for as long as `body` runs.
    func withCStrings<Value>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
        let copies = texts.map { text in text.flatMap { strdup($0) } }
        defer { for copy in copies { free(copy) } }
        return body(copies.map { $0.map { UnsafePointer($0) } })
    }

    /// libpq's messages have a line for each server or attempt, and end with a line break.
    func onOneLine(_ text: String) -> String {
        text.split(separator: "\n").map { $0.drop { $0 == "\t" || $0 == " " } }.joined(separator: "; ")
    }
#endif
