import CCurl
import Glibc

/// The one thread that touches curl: takes commands, moves transfers, answers.
final class TransferLoop {
    private static let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let mailbox: TransferMailbox
    private let settings: TransferSettings
    private let multi: UnsafeMutableRawPointer
    private var active: [UInt64: Transfer] = [:]
    private var idle: [Transfer] = []
    private var commands: [TransferMailbox.Command] = []
    private var waiting = WaitingTransfers()
    private var nextStallCheck = ContinuousClock.now
    private var isStopping = false

    /// Nil where the mailbox has a thread or is closed, or the system has no descriptor or memory left.
    init?(mailbox: TransferMailbox, settings: TransferSettings) {
        guard Self.isCurlReady, mailbox.open() else { return nil }
        guard let multi = curl_multi_init() else {
            Self.refuse(mailbox.close())
            return nil
        }
        self.mailbox = mailbox
        self.settings = settings
        self.multi = multi
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.maxConnections)
    }

    /// Returns when told to stop; every command has its answer then.
    func run() {
        Self.blockPipeSignal()
        while !self.isStopping {
            self.takeCommands()
            var running: CInt = 0
            curl_multi_perform(self.multi, &running)
            self.finishTransfers()
            self.endStalledTransfers()
            self.wait()
        }
        for transfer in self.active.values {
            self.end(transfer, .closed, message: "the client has ended")
        }
        while let transfer = self.waiting.removeFirst() {
            transfer.fail(.closed, message: "the client has ended")
        }
        Self.refuse(self.mailbox.close())
        self.idle = []
        curl_multi_cleanup(self.multi)
    }

    /// A connection closed by the other side is an error of its transfer, not the end of the process.
    private static func blockPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func takeCommands() {
        self.mailbox.take(into: &self.commands)
        for command in self.commands {
            switch command {
            case .start(let transfer): self.waiting.append(transfer)
            case .cancel(let id): self.cancel(id)
            case .stop: self.isStopping = true
            }
        }
        self.commands.removeAll(keepingCapacity: true)
        self.startWaitingTransfers()
    }

    private func cancel(_ id: UInt64) {
        if let transfer = self.active[id] {
            self.end(transfer, .cancelled, message: "cancelled")
        } else if let transfer = self.waiting.remove(id) {
            transfer.fail(.cancelled, message: "cancelled")
        }
    }

    private func startWaitingTransfers() {
        while !self.isStopping, self.active.count < self.settings.maxConnections, let next = self.waiting.removeFirst()
        {
            guard let transfer = self.idle.popLast() ?? Transfer(settings: self.settings) else {
                next.fail(.other, message: "out of memory")
                continue
            }
            transfer.prepare(next.request, id: next.id, answer: next.answer)
            let result = curl_multi_add_handle(self.multi, transfer.easy)
            guard result == CURLM_OK else {
                transfer.fail(.other, message: String(cString: curl_multi_strerror(result)))
                continue
            }
            self.active[next.id] = transfer
        }
    }

    private func finishTransfers() {
        var left: CInt = 0
        while let message = curl_multi_info_read(self.multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            var context: UnsafeMutableRawPointer?
            ccurl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
            // Read first: the message goes with the handle.
            let result = ccurl_message_result(message)
            guard let transfer = Transfer.from(context) else { continue }
            self.remove(transfer)
            transfer.finish(result)
        }
        self.startWaitingTransfers()
    }

    private func endStalledTransfers() {
        let now = ContinuousClock.now
        guard now >= self.nextStallCheck else { return }
        self.nextStallCheck = now + self.settings.stallCheckInterval
        for transfer in self.active.values where transfer.hasStalled(at: now) {
            self.end(transfer, .timedOut, message: "nothing moved for \(self.settings.timeout)")
        }
    }

    private func end(_ transfer: Transfer, _ reason: TransferFailure.Reason, message: String) {
        self.remove(transfer)
        transfer.fail(reason, message: message)
    }

    private func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(self.multi, transfer.easy)
        self.active[transfer.id] = nil
        self.idle.append(transfer)
    }

    private func wait() {
        guard !self.isStopping else { return }
        let longest = self.active.isEmpty ? .seconds(60) : self.settings.stallCheckInterval
        var bell = curl_waitfd(fd: self.mailbox.doorbell, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        curl_multi_poll(self.multi, &bell, 1, CInt(longest / .milliseconds(1)), nil)
        if bell.revents != 0 {
            var rings: eventfd_t = 0
            eventfd_read(self.mailbox.doorbell, &rings)
        }
    }

    /// Answers what will never start.
    private static func refuse(_ commands: [TransferMailbox.Command]) {
        for case .start(let transfer) in commands {
            transfer.fail(.closed, message: "the client has ended")
        }
    }
}
