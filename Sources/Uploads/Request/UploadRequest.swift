/// A request that keeps every rule of its kind. Whether it fits the file's session is for `Decision` to say.
package enum UploadRequest: Hashable, Sendable {
    case start(StartRequest)
    case complete(CompleteRequest)
    case resume(ResumeRequest)
    case abort(AbortRequest)

    package var kind: RequestKind {
        switch self {
        case .start: .start
        case .complete: .complete
        case .resume: .resume
        case .abort: .abort
        }
    }

    package var file: FileReference {
        switch self {
        case .start(let request): request.file
        case .complete(let request): request.file
        case .resume(let request): request.file
        case .abort(let request): request.file
        }
    }

    /// nil for a start request, which cannot know it yet.
    package var uploadID: UploadID? {
        switch self {
        case .start: nil
        case .complete(let request): request.uploadID
        case .resume(let request): request.uploadID
        case .abort(let request): request.uploadID
        }
    }
}
