import AMQP
import S3

/// An upload that stopped on its way, and can be gone on with.
struct UploadUnfinished: Error, CustomStringConvertible {
    let fileID: String
    /// Whether the same command may succeed later with nothing put right.
    let canPass: Bool
    private let reason: String

    /// Nil for an error that leaves nothing to go on with.
    init?(fileID: String, cause: any Error) {
        switch cause {
        case let error as NoAnswer where error.canPass: (self.canPass, self.reason) = (true, "\(error)")
        case let error as UploadRefused where error.error.retryable: (self.canPass, self.reason) = (true, "\(error)")
        case let error as PartUploadError:
            (self.canPass, self.reason) = (error.canPassWithOtherURLs, "a part could not be put: \(error)")
        default: return nil
        }
        self.fileID = fileID
    }

    var description: String {
        "\(self.reason); go on with --file-id \(self.fileID), or see how far it is with upload-worker sessions show "
            + self.fileID
    }
}

extension PartUploadError {
    /// Those that ended are refused, and the next start gives others.
    fileprivate var canPassWithOtherURLs: Bool {
        switch self {
        case .refused: true
        case .transport, .noETag, .unreadableFile: self.canPass
        }
    }
}

extension NoAnswer {
    fileprivate var canPass: Bool {
        switch self.cause {
        case .timedOut, .returned: true
        case .closed(let error): !error.isPermanent || error.isOfMissingTopology
        case .tooLarge, .cancelled: false
        }
    }
}

extension BrokerError {
    /// The first worker declares it.
    fileprivate var isOfMissingTopology: Bool {
        if case .channelClosed(404, _) = self.reason { true } else { false }
    }
}
