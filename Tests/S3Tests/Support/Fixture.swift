import Foundation

/// The JSON files in `Fixtures`, each written by the script beside it.
enum Fixture {
    static func decode<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/\(name)"))
        return try JSONDecoder().decode(type, from: data)
    }
}
