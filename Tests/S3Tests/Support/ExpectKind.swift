import Testing

@testable import S3

/// Expects the call to fail in that way, and returns the error for a closer look.
@discardableResult
func expect<Value>(
    kind: S3Error.Kind,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ call: () async throws -> Value
) async -> S3Error? {
    do {
        _ = try await call()
        Issue.record("the call succeeded", sourceLocation: sourceLocation)
        return nil
    } catch let error as S3Error {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
        return nil
    }
}
