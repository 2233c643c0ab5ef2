import Foundation
import Logging

extension ProcessSettings {
    /// A logger that writes to standard error in the format of `LOG_FORMAT`, or as suits where that goes.
    func makeLogger(label: String) -> Logger {
        let format = self.logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
        return Logger(label: label) { label in
            switch format {
            case .json: JSONLogHandler(logLevel: self.logLevel, label: label, output: .standardError)
            case .text: TextLogHandler(logLevel: self.logLevel, label: label, output: .standardError)
            }
        }
    }
}
