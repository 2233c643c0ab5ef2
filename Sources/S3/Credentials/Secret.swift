/// A value that nothing prints, mirrors or dumps: there are secrets in it.
protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    var description: String { "\(Self.self)(redacted)" }
    var debugDescription: String { self.description }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// A text that is a secret as a whole.
struct Secret: Redacted, Sendable, Equatable {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}
