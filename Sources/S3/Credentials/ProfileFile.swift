/// The format of AWS's shared files: `[section]` lines and `name = value` lines.
enum ProfileFile {
    /// Settings by lower-case name, by section; blanks within a section's name are single. Indented lines, which nest
    /// settings of single services, are passed over, as is whatever else is not understood.
    static func sections(of text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var current: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("[") {
                current = Self.sectionName(line)
                if let current { sections[current, default: [:]] = sections[current] ?? [:] }
            } else if let current, let (name, value) = Self.setting(line) {
                sections[current]?[name] = value
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
        guard let first = line.first, !first.isWhitespace, first != "#", first != ";",
            let equals = line.firstIndex(of: "=")
        else { return nil }
        var value = line[line.index(after: equals)...]
        // A comment behind a value begins with a blank: `#` and `;` may be part of a secret.
        if let comment = value.firstRange(of: /\s[#;]/) { value = value[..<comment.lowerBound] }
        let name = Self.trimmed(line[..<equals]).lowercased()
        return name.isEmpty || Self.trimmed(value).isEmpty ? nil : (name, Self.trimmed(value))
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.trimmingPrefix { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
