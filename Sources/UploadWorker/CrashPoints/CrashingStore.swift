#if CRASH_POINTS
    import Foundation
    import S3

    struct CrashingStore: MultipartStore {
        let store: any MultipartStore

        func createMultipartUpload(
            key: String,
            contentType: String,
            metadata: [String: String]
        ) async throws(S3Error) -> CreatedMultipartUpload {
            try await CrashPoint.around(.createBegins, .createDone) { () throws(S3Error) in
                try await self.store.createMultipartUpload(key: key, contentType: contentType, metadata: metadata)
            }
        }

        func completeMultipartUpload(
            key: String,
            uploadID: String,
            parts: [(number: Int, etag: String)]
        ) async throws(S3Error) -> CompletedMultipartUpload {
            try await CrashPoint.around(.completeBegins, .completeDone) { () throws(S3Error) in
                try await self.store.completeMultipartUpload(key: key, uploadID: uploadID, parts: parts)
            }
        }

        func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
            try await CrashPoint.around(.abortBegins, .abortDone) { () throws(S3Error) in
                try await self.store.abortMultipartUpload(key: key, uploadID: uploadID)
            }
        }

        func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart] {
            try await CrashPoint.around(.listPartsBegins, .listPartsDone) { () throws(S3Error) in
                try await self.store.listParts(key: key, uploadID: uploadID)
            }
        }

        func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
            try await CrashPoint.around(.listUploadsBegins, .listUploadsDone) { () throws(S3Error) in
                try await self.store.listMultipartUploads(key: key)
            }
        }

        func headObject(key: String) async throws(S3Error) -> ObjectHead? {
            try await CrashPoint.around(.headObjectBegins, .headObjectDone) { () throws(S3Error) in
                try await self.store.headObject(key: key)
            }
        }

        func headBucket() async throws(S3Error) {
            try await CrashPoint.around(.headBucketBegins, .headBucketDone) { () throws(S3Error) in
                try await self.store.headBucket()
            }
        }

        func presignedParts(
            key: String,
            uploadID: String,
            partCount: Int,
            asked: Duration,
            now: Date
        ) async throws(S3Error) -> PresignedParts {
            try await self.store.presignedParts(
                key: key,
                uploadID: uploadID,
                partCount: partCount,
                asked: asked,
                now: now
            )
        }

        func url(ofKey key: String) -> String { self.store.url(ofKey: key) }
    }
#endif
