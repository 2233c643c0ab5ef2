/// Why a body is no XML to go by.
enum XMLError: Error, Equatable {
    case endedEarly
    case malformed
    /// A DOCTYPE, or more levels than any answer has.
    case refused
}
