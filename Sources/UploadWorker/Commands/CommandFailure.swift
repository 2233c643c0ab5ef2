import AMQP
import ArgumentParser
import Foundation

/// Ends the process with a status of `sysexits.h` and one line on standard error.
enum CommandFailure {
    static let configuration = ExitCode(78)
    /// EX_TEMPFAIL: the same command may succeed later.
    static let temporary = ExitCode(75)

    /// Runs a command's body; a setting that is missing or wrong ends with 78.
    static func reporting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as SettingError {
            throw self.exit(Self.configuration, "\(error)")
        } catch let error as BrokerError where error.isPermanent {
            throw self.exit(Self.configuration, "\(error.settings) cannot be used: \(error)")
        } catch let error as UploadUnfinished where error.canPass {
            throw self.exit(Self.temporary, "\(error)")
        } catch let error as UploadRefused where error.error.retryable {
            throw self.exit(Self.temporary, "\(error)")
        } catch let error as ExitCode {
            throw error
        } catch is CancellationError {
            throw ExitCode(1)
        } catch {
            throw self.exit(ExitCode(1), "\(error)")
        }
    }

    /// With which an error that a command's body throws ends the process.
    static func status(of error: any Error) -> ExitCode {
        switch error {
        case is SettingError: Self.configuration
        case let error as BrokerError where error.isPermanent: Self.configuration
        default: ExitCode(1)
        }
    }

    static func exit(_ code: ExitCode, _ line: String) -> ExitCode {
        LogOutput.standardError.write("upload-worker: \(line.replacing("\n", with: " "))\n")
        return code
    }
}

extension BrokerError {
    /// The settings that lead to it.
    fileprivate var settings: String {
        if case .unusableFile = self.reason { return "AMQP_CA_FILE, AMQP_CERT_FILE or AMQP_KEY_FILE" }
        return "AMQP_URL"
    }
}
