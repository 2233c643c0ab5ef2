import CEpoll
import Glibc

/// One thread that reads requests, and sends each answer when its delay is over.
final class EventLoop {
    /// Every answer has the same delay, so the line is in the order of the due times.
    private struct Waiting {
        let due: UInt64
        let connection: Connection
        let answer: [UInt8]
    }

    private let listener: ListeningSocket
    private let delay: UInt64
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var connections: [Int32: Connection] = [:]
    private var waiting: [Waiting] = []
    private var firstWaiting = 0
    private var store = Store()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)

    init(listener: ListeningSocket, delayNanoseconds: UInt64) {
        self.listener = listener
        self.delay = delayNanoseconds
        self.watch(listener.descriptor)
    }

    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let count = self.wait(&events)
            for event in events.prefix(max(0, Int(count))) {
                self.handle(event.data.fd)
            }
            self.sendDueAnswers()
        }
    }

    /// Until a client speaks or an answer is due.
    private func wait(_ events: inout [epoll_event]) -> Int32 {
        guard self.firstWaiting < self.waiting.count else {
            return epoll_wait(self.epoll, &events, Int32(events.count), -1)
        }
        let due = self.waiting[self.firstWaiting].due
        let time = now()
        let left = due > time ? due - time : 0
        var timeout = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
        return epoll_pwait2(self.epoll, &events, Int32(events.count), &timeout, nil)
    }

    private func handle(_ descriptor: Int32) {
        if descriptor == self.listener.descriptor {
            while let client = self.listener.accepted() {
                self.connections[client] = Connection(descriptor: client)
                self.watch(client)
            }
        } else if let connection = self.connections[descriptor] {
            connection.read(by: self.buffer) { self.answer($0, on: connection) }
            if connection.isClosed { self.connections[descriptor] = nil }
        }
    }

    private func answer(_ request: HTTPRequest, on connection: Connection) {
        let answer = self.store.answer(to: request)
        if self.delay == 0 {
            connection.send(answer)
        } else {
            self.waiting.append(Waiting(due: now() + self.delay, connection: connection, answer: answer))
        }
    }

    private func sendDueAnswers() {
        let time = self.delay == 0 ? 0 : now()
        while self.firstWaiting < self.waiting.count, self.waiting[self.firstWaiting].due <= time {
            let next = self.waiting[self.firstWaiting]
            next.connection.send(next.answer)
            self.firstWaiting += 1
        }
        if self.firstWaiting == self.waiting.count || self.firstWaiting > 4096 {
            self.waiting.removeFirst(self.firstWaiting)
            self.firstWaiting = 0
        }
    }

    private func watch(_ descriptor: Int32) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(fd: descriptor))
        epoll_ctl(self.epoll, EPOLL_CTL_ADD, descriptor, &event)
    }
}

/// Nanoseconds of the monotonic clock.
private func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
