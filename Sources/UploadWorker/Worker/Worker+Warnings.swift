import Logging
import Uploads

extension Worker {
    /// Says what will do but should not stay so.
    ///
    /// - Parameter exposedFiles: files with secrets that others can read.
    func warn(ofExposed exposedFiles: [String]) {
        for file in exposedFiles {
            self.logger.warning(
                "Everyone on this machine can read a file with secrets: take that right away (chmod o-r)",
                metadata: ["settings.file": "\(file)"]
            )
        }
        let rules = self.settings.rules
        guard Self.bytes(ofCompleteWithParts: rules.maxPartCount) > rules.maxMessageBytes else { return }
        self.logger.warning(
            "A complete request with MAX_PART_COUNT parts may be larger than MAX_MESSAGE_BYTES",
            metadata: [
                "upload.max_part_count": .stringConvertible(rules.maxPartCount),
                "upload.max_message_bytes": .stringConvertible(rules.maxMessageBytes),
            ]
        )
    }

    /// A complete request with the ETags of this many parts is about this long.
    private static func bytes(ofCompleteWithParts count: Int) -> Int { 2048 + count * 68 }
}
