import AMQP
import Testing

@testable import UploadWorker

@Suite("A command that fails")
struct CommandFailureTests {
    @Test(
        "ends with the status of a setting that is wrong, or of any other failure",
        arguments: [
            (SettingError("HTTP_PORT", "cannot be used"), 78),
            (BrokerError(.loginRefused("guest"), url: nil), 78),
            (BrokerError(.connectionLost("reset"), url: nil), 1),
            (SessionStoreError(reason: "disk I/O error", summary: "an I/O error", canPass: false), 1),
        ] as [(any Error, Int32)]
    )
    func status(error: any Error, status: Int32) async {
        #expect(CommandFailure.status(of: error).rawValue == status)
    }
}
