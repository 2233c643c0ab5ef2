import Foundation
import Synchronization
import Uploads

/// One operation of a trace, from its making to `end()`.
///
/// One that is not sampled has an id, to be named in what is sent on, and is recorded nowhere; nor are its children made.
final class Span: Sendable {
    /// With the numbers that OTLP gives them.
    enum Kind: Int { case `internal` = 1, client = 3, producer = 4, consumer = 5 }

    /// The delivery's span, for what its task does on its behalf.
    @TaskLocal static var current: Span?

    let trace: TraceContext
    let id: UInt64
    private let parentID: String?
    private let name: String
    private let kind: Kind
    private let queue: SpanQueue
    private let startedAt = Date()
    private let started = ContinuousClock.now
    private let notes = Mutex(Notes())

    private struct Notes {
        var attributes: [SpanAttribute] = []
        var errorType: String?
    }

    /// - Parameter parentID: nil where the trace begins with this span.
    init(_ name: String, _ kind: Kind, trace: TraceContext, parentID: String?, queue: SpanQueue) {
        self.trace = trace
        self.id = .random(in: 1 ... .max)
        self.parentID = parentID
        self.name = name
        self.kind = kind
        self.queue = queue
    }

    var idText: String { TraceContext.text(ofSpanID: self.id) }

    /// A span of something done on behalf of this one; nil where this one is not sampled.
    func child(_ name: String, _ kind: Kind = .internal) -> Span? {
        guard self.trace.isSampled else { return nil }
        return Span(name, kind, trace: self.trace, parentID: self.idText, queue: self.queue)
    }

    func set(_ name: String, _ value: SpanAttribute.Value) {
        self.notes.withLock { $0.attributes.append(SpanAttribute(name: name, value: value)) }
    }

    /// Nothing where there is no value.
    func set(_ name: String, _ text: String?) {
        guard let text else { return }
        self.set(name, .text(text))
    }

    /// The operation failed.
    ///
    /// - Parameter type: a word of the code, of the contract or of the other side's API; never a message, which may hold
    ///   anything.
    func fail(_ type: String) {
        self.notes.withLock { $0.errorType = type }
    }

    /// Hands it over for export. To be called once.
    func end() {
        guard self.trace.isSampled else { return }
        let took = ContinuousClock.now - self.started
        let notes = self.notes.withLock { $0 }
        self.queue.append(
            FinishedSpan(
                trace: self.trace,
                id: self.idText,
                parentID: self.parentID,
                name: self.name,
                kind: self.kind,
                startedAt: UInt64(max(0, self.startedAt.timeIntervalSince1970) * 1e9),
                took: took,
                attributes: notes.attributes,
                errorType: notes.errorType
            )
        )
    }
}

extension Span {
    /// Does something on behalf of the delivery of this task as a span of its own, where there is one that is sampled.
    static func within<Value>(
        _ name: String,
        _ kind: Kind = .internal,
        _ body: (Span?) async throws -> Value
    ) async throws -> Value {
        guard let span = Self.current?.child(name, kind) else { return try await body(nil) }
        defer { span.end() }
        return try await span.noting(body)
    }

    /// Does something that fails this span where it throws.
    func noting<Value>(_ body: (Span) async throws -> Value) async throws -> Value {
        do {
            return try await body(self)
        } catch {
            self.fail(String(describing: type(of: error)))
            throw error
        }
    }
}

/// A span as it is exported.
struct FinishedSpan: Sendable, Equatable {
    let trace: TraceContext
    let id: String
    let parentID: String?
    let name: String
    let kind: Span.Kind
    /// Nanoseconds since 1970.
    let startedAt: UInt64
    let took: Duration
    let attributes: [SpanAttribute]
    /// Nil where the operation did not fail.
    let errorType: String?
}

/// What a span says of itself, under a name of OpenTelemetry's semantic conventions where they have one.
struct SpanAttribute: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int)
        case flag(Bool)
    }

    let name: String
    let value: Value
}
