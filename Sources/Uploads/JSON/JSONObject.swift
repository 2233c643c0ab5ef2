/// The members of a JSON object. Names compare by bytes, as they are after unescaping.
struct JSONObject: Equatable {
    struct Member: Equatable {
        let name: ArraySlice<UInt8>
        let value: JSONValue
    }

    private var members: [Member] = []
    /// Filled only once the members are too many to look through.
    private var names: Set<ArraySlice<UInt8>> = []

    private static let fewMembers = 16

    subscript(_ name: String) -> JSONValue? {
        self.members.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// False when a member of that name is there already.
    mutating func insert(_ name: ArraySlice<UInt8>, _ value: JSONValue) -> Bool {
        guard !self.contains(name) else { return false }
        self.members.append(Member(name: name, value: value))
        if self.members.count == Self.fewMembers {
            self.names = Set(self.members.map(\.name))
        } else if self.members.count > Self.fewMembers {
            self.names.insert(name)
        }
        return true
    }

    private func contains(_ name: ArraySlice<UInt8>) -> Bool {
        self.members.count < Self.fewMembers
            ? self.members.contains { $0.name == name }
            : self.names.contains(name)
    }
}
