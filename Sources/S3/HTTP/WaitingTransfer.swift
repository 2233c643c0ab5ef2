/// A request on its way to the thread, or in line there, with its caller.
struct WaitingTransfer: Sendable {
    let id: UInt64
    let request: HTTPRequest
    let answer: TransferMailbox.Answer

    /// Answers it without having sent anything.
    func fail(_ reason: TransferFailure.Reason, message: String) {
        self.answer.resume(
            returning: .failure(TransferFailure(reason: reason, message: message, requestWasSent: false))
        )
    }
}
