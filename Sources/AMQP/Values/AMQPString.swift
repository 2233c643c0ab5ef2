/// A name or text as AMQP carries it: bytes that need not be UTF-8.
///
/// Two are equal when their bytes are, whatever Unicode says; what came in goes out unchanged.
package struct AMQPString: Hashable, Sendable {
    package var bytes: [UInt8]

    package init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    package init(_ text: some StringProtocol) {
        self.bytes = Array(text.utf8)
    }

    /// The text, or nil where the bytes are not UTF-8.
    package var text: String? {
        String(validating: self.bytes, as: UTF8.self)
    }
}

extension AMQPString: ExpressibleByStringLiteral {
    package init(stringLiteral value: StaticString) {
        self.bytes = value.withUTF8Buffer { Array($0) }
    }
}

extension AMQPString: CustomStringConvertible {
    /// For logs and errors: bytes that are not UTF-8 are replaced.
    package var description: String {
        String(decoding: self.bytes, as: UTF8.self)
    }
}
