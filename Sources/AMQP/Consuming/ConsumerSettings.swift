/// What a consumer consumes, and how.
struct ConsumerSettings: Sendable {
    let queues: [String]
    /// Per queue.
    let prefetch: UInt16
    let bodyLimit: Int
    /// Per connection.
    let bodyRoom: BodyRoom?
    let topology: Topology?
    var startsPaused = false
}
