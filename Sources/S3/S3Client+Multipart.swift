extension S3Client {
    /// Opens an upload.
    ///
    /// - Parameter metadata: user metadata by lower-case name; names, values and the content type are of ASCII as it may
    ///   stand in a header and in its signature, without blanks at the ends or two together.
    package func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload {
        let headers = [("content-type", contentType)] + metadata.map { ("x-amz-meta-" + $0.key, $0.value) }
        guard headers.allSatisfy({ SignableHeader.isName($0.0) && SignableHeader.isValue($0.1) }) else {
            throw S3Error(.createMultipartUpload, invalid: "a content type or metadata that no header can carry")
        }
        let request = S3Request(
            operation: .createMultipartUpload,
            method: .post,
            key: key,
            query: [("uploads", "")],
            headers: headers
        )
        let (id, mayHaveTwin) = try await self.callNotingLostTries(request) { response throws(S3Error) in
            let result = try response.root(named: "InitiateMultipartUploadResult")
            guard let id = result["UploadId"], !id.isEmpty else {
                throw response.malformed("no UploadId in the answer")
            }
            return id
        }
        return CreatedMultipartUpload(uploadID: id, mayHaveTwin: mayHaveTwin)
    }

    /// Puts the object together from these parts, which may come in any order, their ETags with or without quotes.
    ///
    /// An error with `outcomeIsUnknown` may come after a success that was not heard of, `noSuchUpload` included:
    /// HeadObject tells.
    package func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        let request = S3Request(
            operation: .completeMultipartUpload,
            method: .post,
            key: key,
            query: [("uploadId", uploadID)],
            headers: [("content-type", "application/xml")],
            body: CompleteMultipartUploadBody.bytes(parts: parts)
        )
        return try await self.call(request) { response throws(S3Error) in
            CompletedMultipartUpload(try response.root(named: "CompleteMultipartUploadResult"))
        }
    }

    /// Drops the upload. Parts under way may still land: repeat until ListParts knows it no more.
    package func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        let request = S3Request(
            operation: .abortMultipartUpload,
            method: .delete,
            key: key,
            query: [("uploadId", uploadID)]
        )
        try await self.call(request) { _ in }
    }
}
