/// Why a body is no XML to go by.
enum XMLError: Error, Equatable {
    /// No XML, or cut short.
    case malformed
    /// A DOCTYPE, or more levels than any answer has.
    case refused
}
