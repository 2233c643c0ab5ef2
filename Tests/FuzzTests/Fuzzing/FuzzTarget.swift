/// A reader of bytes that strangers write, and what must hold of it whatever they write.
protocol FuzzTarget: Sendable {
    static var name: String { get }
    /// Pieces of the reader's language, put in where a mutation inserts.
    static var tokens: [[UInt8]] { get }

    /// More levels than any stack holds, checked once.
    static var deep: [[UInt8]] { get }

    /// Of the thread that reads, in bytes.
    static var stackSize: Int { get }

    /// An input that keeps the language's structure; nil to begin with one of the corpus.
    static func fresh(using random: inout FuzzRandom) -> [UInt8]?

    /// Reads the input and checks the properties; whether the reader took it.
    static func check(_ input: [UInt8]) throws(Finding) -> Bool
}

extension FuzzTarget {
    /// Swift's own threads may have no more.
    static var stackSize: Int { 512 << 10 }

    static func fresh(using random: inout FuzzRandom) -> [UInt8]? { nil }
}

/// A property that did not hold.
struct Finding: Error {
    let property: String

    init(_ property: String) {
        self.property = property
    }

    static func unless(_ holds: Bool, _ property: @autoclosure () -> String) throws(Finding) {
        if !holds { throw Finding(property()) }
    }
}
