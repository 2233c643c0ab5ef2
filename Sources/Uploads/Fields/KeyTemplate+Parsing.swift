extension KeyTemplate {
    static func pieces(of text: String) throws(KeyTemplateError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text.unicodeScalars[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if brace > rest.startIndex { pieces.append(.literal(String(rest[..<brace]))) }
            guard let (piece, name) = self.placeholders.first(where: { rest[brace...].starts(with: $0.name) }) else {
                throw .unknownPlaceholder
            }
            pieces.append(piece)
            rest = rest[brace...].dropFirst(name.count)
        }
        if !rest.isEmpty { pieces.append(.literal(String(rest))) }
        return pieces
    }

    private static let placeholders: [(piece: Piece, name: String.UnicodeScalarView)] = [
        (.userID, "{user_id}".unicodeScalars), (.fileID, "{file_id}".unicodeScalars),
    ]

    static func check(_ pieces: [Piece], of text: String) throws(KeyTemplateError) {
        guard pieces.contains(.userID) else { throw .missingPlaceholder("{user_id}") }
        guard pieces.contains(.fileID) else { throw .missingPlaceholder("{file_id}") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw .controlCharacter
        }
        // An id is never `.` or `..`, so a segment that holds one is never a path step.
        for segment in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !segment.isEmpty else { throw .emptySegment }
            guard !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else { throw .pathStep }
        }
        guard self.tellsFilesApart(pieces) else { throw .ambiguous }
        let length = self.maxLength(of: pieces)
        guard length <= ObjectKey.maxLength else { throw .tooLong(length) }
    }

    /// One id must stand alone between characters that no id contains; the rest of the key then gives the other.
    private static func tellsFilesApart(_ pieces: [Piece]) -> Bool {
        var runs: [Set<Piece>] = [[]]
        for piece in pieces {
            switch piece {
            case .userID, .fileID: runs[runs.count - 1].insert(piece)
            case .literal(let text): if !text.utf8.allSatisfy(IdentifierAlphabet.contains) { runs.append([]) }
            }
        }
        return runs.contains { $0.count == 1 }
    }

    private static func maxLength(of pieces: [Piece]) -> Int {
        pieces.reduce(0) { length, piece in
            switch piece {
            case .literal(let text): length + text.utf8.count
            case .userID: length + UserID.maxLength
            case .fileID: length + FileID.maxLength
            }
        }
    }
}
