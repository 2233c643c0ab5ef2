/// A JSON value as a request is read from it.
enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The exact integer, however it is written (`3`, `3.0`, `3e0`); nil for all else.
    var integer: Int64? {
        if case .number(let number) = self { number.integer } else { nil }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
