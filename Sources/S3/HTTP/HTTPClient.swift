import Foundation
import Synchronization

/// Sends requests through one thread of its own.
package final class HTTPClient: Sendable {
    private let settings: TransferSettings
    private let threadName: String
    private let mailbox = TransferMailbox()
    private let lastID = Atomic<UInt64>(0)

    init(settings: TransferSettings, threadName: String = "s3") {
        self.settings = settings
        self.threadName = threadName
    }

    /// Serves requests until cancelled; returns when all of them have their answer. Runs once.
    package func run() async throws {
        let hasRun = await withTaskCancellationHandler {
            await withCheckedContinuation { ended in
                Thread { [mailbox = self.mailbox, settings = self.settings, name = self.threadName] in
                    Thread.current.name = name
                    let loop = TransferLoop(mailbox: mailbox, settings: settings)
                    loop?.run()
                    ended.resume(returning: loop != nil)
                }
                .start()
            }
        } onCancel: {
            _ = self.mailbox.post(.stop)
        }
        guard hasRun else {
            throw TransferFailure(reason: .other, message: "the HTTP client cannot start", requestWasSent: false)
        }
    }

    /// The answer, whatever its status. Requests sent before `run()` wait for it; cancelled, they end at once.
    func send(_ request: HTTPRequest) async throws(TransferFailure) -> HTTPResponse {
        let id = self.lastID.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { answer in
                let transfer = WaitingTransfer(id: id, request: request, answer: answer)
                guard self.mailbox.post(.start(transfer)) else {
                    return transfer.fail(.closed, message: "the client has ended")
                }
                // A cancellation from before the post found nothing to cancel.
                if Task.isCancelled { _ = self.mailbox.post(.cancel(id: id)) }
            }
        } onCancel: {
            _ = self.mailbox.post(.cancel(id: id))
        }
        .get()
    }
}

extension HTTPClient {
    /// The answer to a single request, by a client that ends with it: for what is asked once an hour.
    static func sendOnce(_ request: HTTPRequest, settings: TransferSettings) async throws(TransferFailure)
        -> HTTPResponse
    {
        let client = HTTPClient(settings: settings)
        return try await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await client.run()
                } catch {
                    client.refuseAll()
                }
            }
            let result = await client.result(of: request)
            group.cancelAll()
            return result
        }
        .get()
    }

    /// Answers what waits for a thread that could not be started.
    private func refuseAll() {
        for case .start(let transfer) in self.mailbox.close() {
            transfer.fail(.other, message: "the HTTP client cannot start")
        }
    }

    private func result(of request: HTTPRequest) async -> Result<HTTPResponse, TransferFailure> {
        do throws(TransferFailure) {
            return .success(try await self.send(request))
        } catch {
            return .failure(error)
        }
    }
}
