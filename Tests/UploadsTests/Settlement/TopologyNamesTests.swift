import Testing

@testable import Uploads

@Suite("Topology names")
struct TopologyNamesTests {
    static let names = TopologyNames(prefix: "uploads")

    @Test("are the contract's")
    func names() {
        #expect(Self.names.exchange == "uploads")
        #expect(Self.names.results == "uploads.results")
        #expect(Self.names.dead == "uploads.dead")
        #expect(
            RequestKind.allCases.map(Self.names.queue) == [
                "uploads.start", "uploads.complete", "uploads.resume", "uploads.abort",
            ]
        )
        #expect(Self.names.retryQueue(delayMilliseconds: 600_000) == "uploads.retry.600000")
    }

    @Test("tell the kind of a request by the queue it came from", arguments: RequestKind.allCases)
    func kinds(kind: RequestKind) {
        #expect(Self.names.kind(ofQueue: Self.names.queue(for: kind)) == kind)
        #expect(Self.names.kind(ofQueue: kind.rawValue) == nil)
        #expect(Self.names.kind(ofQueue: "other.\(kind.rawValue)") == nil)
    }

    @Test(
        "are the worker's own",
        arguments: [
            "uploads", "uploads.start", "uploads.complete", "uploads.resume", "uploads.abort", "uploads.results",
            "uploads.dead", "uploads.retry.1000", "uploads.retry.7",
        ]
    )
    func owned(name: String) {
        #expect(Self.names.owns(name))
        #expect(!TopologyNames(prefix: "other").owns(name))
    }

    @Test(
        "leave all others alone",
        arguments: [
            "", "uploads.", "uploads.started", "uploads.retry", "uploads.retry.", "uploads.retry.x", "uploads.retry.1x",
            "uploads.replies", "Uploads.start", "my.uploads.start", "start", "uploads.results.mine",
        ]
    )
    func others(name: String) {
        #expect(!Self.names.owns(name))
    }
}
