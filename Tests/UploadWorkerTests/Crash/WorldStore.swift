import Foundation
import S3
import Uploads

@testable import UploadWorker

/// The world's store as a process sees it.
struct WorldStore: MultipartStore {
    let seat: Seat

    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload {
        let (id, fault) = try await self.call(.createMultipartUpload, .create) {
            .success($0.create(key: key, contentType: contentType, metadata: metadata, for: self.seat.delivery))
        }
        return CreatedMultipartUpload(uploadID: id, mayHaveTwin: fault == .repeated)
    }

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        let (object, _) = try await self.call(.completeMultipartUpload, .complete) {
            $0.complete(key: key, uploadID: uploadID, parts: parts)
        }
        return CompletedMultipartUpload(etag: object.etag, location: self.url(ofKey: key), checksum: nil)
    }

    func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        _ = try await self.call(.abortMultipartUpload, .abort) { $0.abort(key: key, uploadID: uploadID) }
    }

    func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart] {
        try await self.call(.listParts, .listParts) { $0.listParts(key: key, uploadID: uploadID) }.value
    }

    func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        try await self.call(.listMultipartUploads, .listUploads) { .success($0.listUploads(key: key)) }.value
    }

    func headObject(key: String) async throws(S3Error) -> ObjectHead? {
        try await self.call(.headObject, .head) { .success($0.objects[key]?.head) }.value
    }

    func headBucket() async throws(S3Error) {}

    func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        PresignedParts(
            urls: (1...partCount).map { S3.PresignedURL("https://store/\(key)?partNumber=\($0)") },
            expiresAt: now.addingTimeInterval(asked.inSeconds)
        )
    }

    func url(ofKey key: String) -> String { "https://store/\(key)" }

    private func call<Value: Sendable>(
        _ operation: S3Operation,
        _ effect: Effect,
        _ act: (inout World) -> World.Answer<Value>
    ) async throws(S3Error) -> (value: Value, fault: Fault) {
        let fault: Fault
        let answer: World.Answer<Value>?
        do throws(ProcessDied) {
            (fault, answer) = try await self.seat.perform(effect, act)
        } catch {
            throw S3Error(operation: operation, kind: .cancelled, code: "Cancelled", outcomeIsUnknown: true)
        }
        switch fault {
        case .failedBefore, .failedAfter:
            throw S3Error(operation: operation, kind: .passing, code: "TimedOut", outcomeIsUnknown: true)
        case .refused:
            throw S3Error(operation: operation, kind: .permanent, code: "AccessDenied", status: 403)
        case .none, .killedBefore, .killedAfter, .repeated, .returned, .fatalBefore, .fatalAfter, .redelivered:
            break
        }
        switch answer {
        case .success(let value): return (value, fault)
        case .failure(let refusal):
            throw S3Error(
                operation: operation,
                kind: refusal.kind,
                code: "\(refusal.kind)",
                outcomeIsUnknown: fault == .repeated
            )
        case nil: throw S3Error(operation: operation, kind: .passing, code: "NoAnswer", outcomeIsUnknown: true)
        }
    }
}
