/// The format of AWS's shared files: `[section]` lines and `name = value` lines.
enum ProfileFile {
    /// Settings by lower-case name, by section; blanks within a section's name are single. Indented lines below a name without
    /// a value are settings of a single service: `endpoint_url` below `s3 =` is `s3.endpoint_url`. Whatever else is not
    /// understood is passed over.
    static func sections(of text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var current: String?
        var service: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("[") {
                current = Self.sectionName(line)
                service = nil
                if let current { sections[current, default: [:]] = sections[current] ?? [:] }
            } else if let current, let (name, value) = Self.setting(line) {
                let isNested = line.first?.isWhitespace == true
                if !isNested { service = value.isEmpty ? name : nil }
                guard !value.isEmpty, !isNested || service != nil else { continue }
                sections[current]?[isNested ? "\(service ?? "").\(name)" : name] = value
            }
        }
        return sections
    }

    private static func sectionName(_ line: Substring) -> String? {
        guard let end = line.firstIndex(of: "]") else { return nil }
        let words = line[line.index(after: line.startIndex)..<end].split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    private static func setting(_ line: Substring) -> (name: String, value: String)? {
        guard let first = line.first(where: { !$0.isWhitespace }), first != "#", first != ";",
            let equals = line.firstIndex(of: "=")
        else { return nil }
        var value = line[line.index(after: equals)...]
        // A comment behind a value begins with a blank: `#` and `;` may be part of a secret.
        if let comment = value.firstRange(of: /\s[#;]/) { value = value[..<comment.lowerBound] }
        let name = Self.trimmed(line[..<equals]).lowercased()
        return name.isEmpty ? nil : (name, Self.trimmed(value))
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.trimmingPrefix { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
