import Uploads

/// One line of `upload-worker check`.
struct CheckResult: Equatable, Sendable {
    enum Status: String, CaseIterable, Sendable { case ok, warning, failure }

    /// What was looked at, such as `store.cors`.
    let name: String
    let status: Status
    let detail: String
    /// The way out; nil where there is nothing to do.
    let remedy: String?

    static func ok(_ name: String, _ detail: String) -> Self {
        Self(name: name, status: .ok, detail: detail, remedy: nil)
    }

    static func warning(_ name: String, _ detail: String, remedy: String) -> Self {
        Self(name: name, status: .warning, detail: detail, remedy: remedy)
    }

    static func failure(_ name: String, _ detail: String, remedy: String) -> Self {
        Self(name: name, status: .failure, detail: detail, remedy: remedy)
    }
}

extension CheckResult {
    var json: String {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("name", self.name)
            writer.member("status", self.status.rawValue)
            writer.member("detail", self.detail)
            writer.member("remedy", self.remedy)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// One line for a person; nothing that a server says may steer the terminal.
    func line(colored: Bool) -> String {
        let status = self.status.rawValue.padded(to: 7)
        let words = "\(self.name.padded(to: 19))  \(self.detail)\(self.remedy.map { " → \($0)" } ?? "")"
        return "\(colored ? self.colored(status) : status)  \(TextTable.printable(words))"
    }

    private func colored(_ text: String) -> String {
        let code =
            switch self.status {
            case .ok: "32"
            case .warning: "33"
            case .failure: "1;31"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
