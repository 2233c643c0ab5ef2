/// The calls of the S3 API in use, by their names there.
package enum S3Operation: String, Sendable, CaseIterable {
    case createMultipartUpload = "CreateMultipartUpload"
    case completeMultipartUpload = "CompleteMultipartUpload"
    case abortMultipartUpload = "AbortMultipartUpload"
    case listParts = "ListParts"
    case listMultipartUploads = "ListMultipartUploads"
    case headObject = "HeadObject"
    case headBucket = "HeadBucket"
    case getBucketCors = "GetBucketCors"
    case getBucketLifecycle = "GetBucketLifecycleConfiguration"
    /// Signed here, sent by others.
    case uploadPart = "UploadPart"

    /// Whether it leaves something changed, so that a lost answer leaves a question.
    var changesTheStore: Bool {
        switch self {
        case .createMultipartUpload, .completeMultipartUpload, .abortMultipartUpload, .uploadPart: true
        case .listParts, .listMultipartUploads, .headObject, .headBucket, .getBucketCors, .getBucketLifecycle: false
        }
    }

    /// Whether it is about one upload session, for which some servers answer with codes of objects.
    var namesAnUpload: Bool {
        switch self {
        case .completeMultipartUpload, .abortMultipartUpload, .listParts, .uploadPart: true
        case .createMultipartUpload, .listMultipartUploads, .headObject, .headBucket, .getBucketCors,
            .getBucketLifecycle:
            false
        }
    }
}
