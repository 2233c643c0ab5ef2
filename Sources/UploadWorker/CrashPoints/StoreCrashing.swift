#if CRASH_POINTS
    import S3

    /// Puts crash points around every call to the store.
    struct StoreCrashing: StoreInterceptor {
        func around<Value>(
            _ call: StoreCall,
            _ body: () async throws(S3Error) -> Value
        ) async throws(S3Error) -> Value {
            guard let (begins, done) = Self.points(around: call.operation) else { return try await body() }
            return try await CrashPoint.around(begins, done, body)
        }

        /// nil for what a worker never calls.
        private static func points(around operation: S3Operation) -> (CrashPoint, CrashPoint)? {
            switch operation {
            case .createMultipartUpload: (.createBegins, .createDone)
            case .completeMultipartUpload: (.completeBegins, .completeDone)
            case .abortMultipartUpload: (.abortBegins, .abortDone)
            case .listParts: (.listPartsBegins, .listPartsDone)
            case .listMultipartUploads: (.listUploadsBegins, .listUploadsDone)
            case .headObject: (.headObjectBegins, .headObjectDone)
            case .headBucket: (.headBucketBegins, .headBucketDone)
            case .getBucketCors, .getBucketLifecycle, .uploadPart: nil
            }
        }
    }
#endif
