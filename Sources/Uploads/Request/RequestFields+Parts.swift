extension RequestFields {
    /// `part_count` of a complete request: optional, but never another number than that of the parts.
    func checkPartCountOfParts() throws(UploadFailure) {
        guard let value = self.optional("part_count") else { return }
        let parts: Int? = if case .array(let elements) = self.object["parts"] { elements.count } else { nil }
        guard let count = value.integer, count == parts.map(Int64.init) ?? count else {
            throw .invalidPartCount(found: .value(value), parts: parts)
        }
    }

    /// Every part from 1 to n once, sorted.
    func parts() throws(UploadFailure) -> [Part] {
        let value = self.object["parts"]
        guard case .array(let elements) = value else {
            throw .invalidParts("it must be an array of {\"part_number\", \"etag\"}", found: .value(value))
        }
        guard (1...Part.maxNumber).contains(elements.count) else {
            throw .invalidParts("there must be 1 to \(Part.maxNumber) parts, found \(elements.count)")
        }
        var etags = [ETag?](repeating: nil, count: elements.count)
        for element in elements {
            let part = try self.part(element, of: elements.count)
            guard etags[part.number - 1] == nil else {
                throw .invalidParts("every part must be there once, found part \(part.number) twice")
            }
            etags[part.number - 1] = part.etag
        }
        return zip(1..., etags.compactMap(\.self)).map(Part.init(number:etag:))
    }

    private func part(_ value: JSONValue, of count: Int) throws(UploadFailure) -> Part {
        guard case .object(let object) = value else {
            throw .invalidParts("each must be an object with part_number and etag", found: .value(value))
        }
        guard let number = object["part_number"]?.integer, (1...Int64(count)).contains(number) else {
            throw .invalidParts(
                "each part_number must be an integer from 1 to \(count), the number of parts",
                found: .value(object["part_number"])
            )
        }
        guard let etag = object["etag"]?.string else {
            throw .invalidParts("each etag must be a string", found: .value(object["etag"]))
        }
        return Part(number: Int(number), etag: try ETag(parsing: etag))
    }
}
