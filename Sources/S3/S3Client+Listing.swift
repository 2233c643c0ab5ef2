extension S3Client {
    /// All parts that the store has, by number.
    package func listParts(key: String, uploadID: String) async throws(S3Error) -> [UploadedPart] {
        var parts: [UploadedPart] = []
        while true {
            let marker = parts.last?.number ?? 0
            let request = S3Request(
                operation: .listParts,
                method: .get,
                key: key,
                query: [("max-parts", "1000"), ("part-number-marker", String(marker)), ("uploadId", uploadID)]
            )
            let page = try await self.call(request, reading: PartsPage.init)
            // Some servers begin a page with the marker's own part.
            let new = page.parts.filter { $0.number > marker }
            parts += new
            if !page.isTruncated || new.isEmpty { return parts }
        }
    }

    /// The uploads open for exactly this key.
    package func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        var uploads: [ListedUpload] = []
        var uploadIDMarker: String?
        while true {
            let marker = uploadIDMarker.map { [("key-marker", key), ("upload-id-marker", $0)] } ?? []
            let request = S3Request(
                operation: .listMultipartUploads,
                method: .get,
                key: nil,
                query: Self.sorted(marker + [("max-uploads", "500"), ("prefix", key), ("uploads", "")])
            )
            let page = try await self.call(request, reading: UploadsPage.init)
            uploads += page.uploads.filter { $0.key == key }
            // The key itself comes before all that begin with it: past it, there is nothing more to find.
            guard page.isTruncated, page.nextKeyMarker == key, let next = page.nextUploadIDMarker,
                next != uploadIDMarker
            else { return uploads }
            uploadIDMarker = next
        }
    }

    private static func sorted(_ query: [(name: String, value: String)]) -> [(name: String, value: String)] {
        query.sorted { $0.name < $1.name }
    }
}
