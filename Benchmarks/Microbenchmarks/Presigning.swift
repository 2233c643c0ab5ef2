import Foundation
import Logging
import S3

/// The URLs of one upload, by the worker's client and by a naive signer.
struct Presigning {
    private let key = "users/42/0b8a4f7e-3c52-4f0e-9d0c-6f1f0f6a2b11"
    private let uploadID = String(repeating: "aB3_", count: 32)
    private let now = Date(timeIntervalSince1970: 1_700_000_000)
    private let credentials = Credentials(
        accessKeyID: NaiveSigner.sample.accessKeyID,
        secretAccessKey: NaiveSigner.sample.secretAccessKey
    )
    private let client: S3Client

    init() {
        self.client = S3Client(
            configuration: S3Configuration(bucket: "uploads", region: "eu-central-1"),
            credentials: StaticCredentials(self.credentials),
            logger: Logger(label: "microbenchmarks")
        )
    }

    func urls(parts: Int) async throws -> [PresignedURL] {
        let presigned = try await self.client.presignedParts(
            key: self.key,
            uploadID: self.uploadID,
            partCount: parts,
            asked: .seconds(86_400),
            now: self.now
        )
        return presigned.urls
    }

    func naiveURLs(parts: Int) -> [String] {
        (1...parts).map { part in
            let path = "/" + self.key
            return NaiveSigner.sample.url(path: path, uploadID: self.uploadID, part: part, moment: "20231114T221320Z")
        }
    }
}
