extension S3Client {
    /// What the store has under that key; nil where there is no such object.
    package func headObject(key: String) async throws(S3Error) -> ObjectHead? {
        let request = S3Request(
            operation: .headObject,
            method: .head,
            key: key,
            headers: [("x-amz-checksum-mode", "ENABLED")]
        )
        do {
            return try await self.call(request, reading: ObjectHead.init)
        } catch  where error.status == 404 {
            return nil
        }
    }

    /// Whether the bucket is there, in this region, and open to these credentials.
    ///
    /// `AccessDenied` may only mean that they may not list it, and says nothing of uploads then.
    package func headBucket() async throws(S3Error) {
        try await self.call(S3Request(operation: .headBucket, method: .head, key: nil)) { _ in }
    }
}
