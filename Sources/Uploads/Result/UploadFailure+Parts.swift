/// Why the store did not take a list of parts, told from the parts that it has.
extension UploadFailure {
    /// In bytes, for every part but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
    package static let smallestPart: Int64 = 5 << 20

    /// Names the first part at fault. Which of the two codes it is, the parts decide and not the store's own code: some
    /// stores call a part that is missing too small.
    ///
    /// - Parameter storeSaysTooSmall: believed where the parts show nothing wrong.
    package static func refused(_ asked: [Part], stored: [UploadedPart], storeSaysTooSmall: Bool) -> Self {
        let known = Dictionary(stored.map { ($0.number, $0) }, uniquingKeysWith: { _, last in last })
        for part in asked {
            guard let found = known[part.number] else { return .partMissing(part.number) }
            guard found.etag == part.etag else { return .partDiffers(part.number) }
        }
        for part in asked.dropLast() {
            if let found = known[part.number], found.size < Self.smallestPart { return .partTooSmall(found) }
        }
        return storeSaysTooSmall ? .partTooSmall : .partMismatch
    }

    private static func partMissing(_ number: Int) -> Self {
        Self(
            .partMismatch,
            "the store does not have part \(number): put it, and send the ETag that the store answers with"
        )
    }

    private static func partDiffers(_ number: Int) -> Self {
        Self(
            .partMismatch,
            "the store has part \(number) with another ETag: send the ETag of its last put, or put the part again"
        )
    }

    private static func partTooSmall(_ part: UploadedPart) -> Self {
        Self(
            .partTooSmall,
            "part \(part.number) has \(part.size) bytes; every part but the last must be at least 5 MiB (\(Self.smallestPart))"
        )
    }
}
