import Uploads

/// Lines of `sessions list` for a person.
struct SessionTable: Sendable {
    private let table: TextTable

    init(width: Int? = TextTable.terminalWidth) {
        self.table = TextTable(widths: [20, 9, 16, 36, 5, 20, 36], width: width)
    }

    var header: String {
        self.table.line(["STARTED", "STATE", "USER", "FILE", "PARTS", "ENDS OR ENDED", "UPLOAD ID"])
    }

    func line(_ session: Session) -> String {
        self.table.line([
            RFC3339.text(of: session.startedAt), session.state.name.rawValue, session.file.userID.rawValue,
            session.file.fileID.rawValue, session.partCount.map(String.init) ?? "-",
            RFC3339.text(of: session.endedAt ?? session.expiresAt), session.uploadID.rawValue,
        ])
    }
}
