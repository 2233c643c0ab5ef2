/// Named values in order: message headers and the arguments of declarations.
///
/// A name may come twice from a hostile client; reading takes the first, writing leaves one.
package struct FieldTable: Sendable {
    package typealias Field = (name: AMQPString, value: FieldValue)

    package private(set) var fields: [Field]

    /// The fields in which values nested deeper than the decoder goes were replaced by `.void`.
    package internal(set) var truncatedNames: [AMQPString] = []
    package var isTruncated: Bool { !self.truncatedNames.isEmpty }

    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    package var isEmpty: Bool { self.fields.isEmpty }
    package var count: Int { self.fields.count }

    package subscript(_ name: AMQPString) -> FieldValue? {
        get {
            self.fields.first { $0.name == name }?.value
        }
        set {
            guard let index = self.fields.firstIndex(where: { $0.name == name }) else {
                if let newValue { self.fields.append((name, newValue)) }
                return
            }
            self.fields[(index + 1)...].removeAll { $0.name == name }
            if let newValue {
                self.fields[index].value = newValue
            } else {
                self.fields.remove(at: index)
            }
        }
    }

    package subscript(_ name: String) -> FieldValue? {
        get { self[AMQPString(name)] }
        set { self[AMQPString(name)] = newValue }
    }

    package mutating func append(_ name: AMQPString, _ value: FieldValue) {
        self.fields.append((name, value))
    }

    package mutating func removeAll(where shouldRemove: (Field) throws -> Bool) rethrows {
        try self.fields.removeAll(where: shouldRemove)
    }
}

extension FieldTable: Equatable {
    package static func == (left: FieldTable, right: FieldTable) -> Bool {
        left.truncatedNames == right.truncatedNames
            && left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (AMQPString, FieldValue)...) {
        self.init(elements.map { ($0, $1) })
    }
}
