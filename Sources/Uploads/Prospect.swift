/// What would happen to a request if it ran now.
package enum Prospect: Equatable, Sendable {
    case refused(code: String)
    case session(String)
    case willRun
    /// The session store cannot be asked.
    case unknown(reason: String)

    package init(_ request: UploadRequest, sessions: KnownSessions) {
        switch Decision(request, sessions: sessions) {
        case .refuse(let failure): self = Self.ended(sessions, else: .refused(code: failure.code.rawValue))
        case .answer: self = Self.ended(sessions, else: .willRun)
        case .adopt(_, .uploadConflict): self = .refused(code: FailureCode.uploadConflict.rawValue)
        case .adopt, .open, .presign, .complete, .resume, .abort: self = .willRun
        }
    }

    package var text: String {
        switch self {
        case .refused(let code): "would be refused: \(code)"
        case .session(let state): "session already \(state)"
        case .willRun: "will run"
        case .unknown(let reason): "unknown: \(reason)"
        }
    }

    private static func ended(_ sessions: KnownSessions, else other: Self) -> Self {
        guard let session = sessions.named ?? sessions.latest, !session.isOpen else { return other }
        return .session(session.state.name.rawValue)
    }
}
