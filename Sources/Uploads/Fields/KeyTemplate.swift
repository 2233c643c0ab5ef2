/// How an object's key is made of its owner and file id, such as `users/{user_id}/{file_id}`.
///
/// Two files never share a key: parsing refuses a template in which the end of one id could pass for the start
/// of the other. Nor can a key be longer than S3 allows or contain a path step, whatever the ids are.
package struct KeyTemplate: Hashable, Sendable {
    package static let standard = KeyTemplate(pieces: [.literal("users/"), .userID, .literal("/"), .fileID])

    let pieces: [Piece]

    enum Piece: Hashable, Sendable {
        case literal(String)
        case userID
        case fileID
    }

    package init(parsing text: String) throws(KeyTemplateError) {
        let pieces = try Self.pieces(of: text)
        try Self.check(pieces, of: text)
        self.init(pieces: pieces)
    }

    private init(pieces: [Piece]) {
        self.pieces = pieces
    }

    /// What every key begins with.
    package var literalPrefix: String {
        guard case .literal(let text)? = self.pieces.first else { return "" }
        return text
    }

    package func key(for file: FileReference) -> ObjectKey {
        var key = ""
        key.reserveCapacity(128)
        for piece in self.pieces {
            switch piece {
            case .literal(let text): key += text
            case .userID: key += file.userID.rawValue
            case .fileID: key += file.fileID.rawValue
            }
        }
        return ObjectKey(key)
    }
}
