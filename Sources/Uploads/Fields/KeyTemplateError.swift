/// Why a text is no key template.
package enum KeyTemplateError: Error, Equatable, CustomStringConvertible {
    case missingPlaceholder(String)
    case unknownPlaceholder
    case emptySegment
    case pathStep
    case controlCharacter
    case ambiguous
    case tooLong(Int)

    /// Says the rule and the way out; the caller names the setting.
    package var description: String {
        switch self {
        case .missingPlaceholder(let name):
            "it must contain \(name), as in users/{user_id}/{file_id}"
        case .unknownPlaceholder:
            "it may contain braces only in {user_id} and {file_id}"
        case .emptySegment:
            "it must not be empty, begin or end with a slash, or contain two in a row"
        case .pathStep:
            "it must not contain . or .. between slashes"
        case .controlCharacter:
            "it must not contain control characters"
        case .ambiguous:
            "something that no id contains, such as a slash, must stand between {user_id} and {file_id}: "
                + "two files could get the same key otherwise"
        case .tooLong(let length):
            "its keys could be \(length) bytes long, and S3 allows \(ObjectKey.maxLength)"
        }
    }
}
