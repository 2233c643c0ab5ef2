import Foundation
import Logging

extension ProcessSettings {
    /// A logger that writes to standard error in the format of `LOG_FORMAT`, or as suits where that goes.
    ///
    /// - Parameter usualLevel: the level where `LOG_LEVEL` says none.
    func makeLogger(label: String, usualLevel: Logger.Level) -> Logger {
        let level = self.logLevel ?? usualLevel
        let format = self.logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
        return Logger(label: label) { label in
            switch format {
            case .json: JSONLogHandler(logLevel: level, label: label, output: .standardError)
            case .text: TextLogHandler(logLevel: level, label: label, output: .standardError)
            }
        }
    }
}
