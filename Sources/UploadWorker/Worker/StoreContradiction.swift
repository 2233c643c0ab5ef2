/// The store's answers do not fit together now; later they may.
struct StoreContradiction: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
