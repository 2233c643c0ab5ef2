/// Why bytes are not one JSON value.
enum JSONFault: Error, Equatable, CustomStringConvertible {
    case empty
    case byteOrderMark
    /// Something other than `expected` at a byte, counted from 0.
    case unexpected(expected: String, offset: Int)
    case notUTF8(offset: Int)
    case tooDeep(maxDepth: Int)
    case duplicateName(String)

    var description: String {
        switch self {
        case .empty: "it is empty"
        case .byteOrderMark: "it begins with a byte order mark"
        case .unexpected(let expected, let offset): "expected \(expected) at byte \(offset)"
        case .notUTF8(let offset): "the string at byte \(offset) is not UTF-8"
        case .tooDeep(let maxDepth): "it is nested deeper than \(maxDepth) levels"
        case .duplicateName(let name): "the name \(Glimpse.text(name)) is there twice in one object"
        }
    }
}
