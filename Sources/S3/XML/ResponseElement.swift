/// An element of an answer: S3's XML uses names and text, no attributes.
struct ResponseElement: Equatable, Sendable {
    /// Without a prefix.
    let name: String
    /// The text directly inside, not that of children.
    var text = ""
    var children: [ResponseElement] = []

    /// The text of the first child of that name.
    subscript(name: String) -> String? {
        self.children.first { $0.name == name }?.text
    }

    func children(named name: String) -> some Sequence<ResponseElement> {
        self.children.lazy.filter { $0.name == name }
    }
}
