/// A message header's value, as far as the rules need any.
package enum HeaderValue: Hashable, Sendable {
    case integer(Int64)
    case text(String)
}
