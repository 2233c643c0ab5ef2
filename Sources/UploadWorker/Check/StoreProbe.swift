import Foundation
import S3
import Uploads

/// Opens an upload, puts a part to its URL, lists the parts, and aborts it: what the worker must be allowed to do, and what
/// its clients do, from end to end.
struct StoreProbe: Sendable {
    private static let name = "store.multipart"

    let client: S3Client
    let key: String
    let limit: Duration
    let caFile: String?
    /// Whether part URLs lead over a network without TLS.
    let putsInTheClear: Bool

    /// A key that says what it is for, under the template's own prefix: permissions may end there.
    static func key(_ template: KeyTemplate) -> String {
        let id = UUID().uuidString.lowercased()
        do throws(UploadFailure) {
            let file = FileReference(
                userID: try UserID(parsing: "upload-worker-check"),
                fileID: try FileID(parsing: "probe-\(id)")
            )
            return template.key(for: file).rawValue
        } catch {
            return "\(template.literalPrefix)upload-worker-check-probe-\(id)"
        }
    }

    func run() async -> [CheckResult] {
        let created = await self.ask { () throws(S3Error) in
            try await self.client.createMultipartUpload(
                key: self.key,
                contentType: "application/octet-stream",
                metadata: ["upload-session": "upload-worker-check"]
            )
        }
        switch created {
        case .success(let upload): return await self.finish(upload.uploadID)
        case .failure(let error):
            if error.outcomeIsUnknown { await self.abortStrays() }
            return [self.failure("an upload cannot be started", error, action: "s3:PutObject")]
        }
    }

    private func finish(_ uploadID: String) async -> [CheckResult] {
        let probe = PartProbe(
            client: self.client,
            key: self.key,
            limit: self.limit,
            caFile: self.caFile,
            isInTheClear: self.putsInTheClear
        )
        let part = await probe.run(uploadID)
        return [await self.listAndAbort(uploadID), part]
    }

    private func listAndAbort(_ uploadID: String) async -> CheckResult {
        let listed = await self.ask { () throws(S3Error) in
            try await self.client.listParts(key: self.key, uploadID: uploadID)
        }
        let aborted = await self.abort(uploadID)
        if case .failure(let error) = aborted {
            let what = "the upload \(uploadID) of \(self.key), opened for this check, cannot be aborted"
            return self.failure(what, error, action: "s3:AbortMultipartUpload")
        }
        if case .failure(let error) = listed {
            return self.failure("an upload's parts cannot be listed", error, action: "s3:ListMultipartUploadParts")
        }
        return .ok(Self.name, "an upload of \(self.key) was started, listed and aborted")
    }

    private func abort(_ uploadID: String) async -> Result<Void, S3Error> {
        await self.ask { () throws(S3Error) in
            try await self.client.abortMultipartUpload(key: self.key, uploadID: uploadID)
        }
    }

    /// What a lost answer may have left behind; the key is of this check alone.
    private func abortStrays() async {
        let found = await self.ask { () throws(S3Error) in try await self.client.listMultipartUploads(key: self.key) }
        guard case .success(let uploads) = found else { return }
        for upload in uploads { _ = await self.abort(upload.uploadID) }
    }

    private func ask<Value: Sendable>(
        _ call: @escaping @Sendable () async throws(S3Error) -> Value
    ) async -> Result<Value, S3Error> {
        await within(self.limit) { await Result(call) }
            ?? .failure(
                S3Error(
                    operation: .createMultipartUpload,
                    kind: .passing,
                    code: "TimedOut",
                    message: "no answer in \(self.limit.settingText)",
                    outcomeIsUnknown: true
                )
            )
    }

    private func failure(_ what: String, _ error: S3Error, action: String) -> CheckResult {
        .failure(
            Self.name,
            "\(what): \(error)",
            remedy: error.code == "AccessDenied"
                ? "allow \(action) on \(self.key) and its neighbours" : "put right what the store says"
        )
    }
}
