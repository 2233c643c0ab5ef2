/// What a request asks for: known from the queue that it came from, never from its body.
package enum RequestKind: String, CaseIterable, Sendable {
    case start, complete, resume, abort
}
