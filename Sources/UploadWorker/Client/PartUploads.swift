import Foundation
import S3

/// Puts a file's parts straight to their presigned URLs, several at a time.
struct PartUploads {
    let file: SourceFile
    let plan: PartPlan
    let urls: [PresignedURL]

    private static let tries = 4

    /// - Returns: the parts' ETags, in the order of the parts.
    func send(parallel: Int) async throws -> [String] {
        guard self.urls.count == self.plan.partCount else {
            throw WrongNumberOfURLs(expected: self.plan.partCount, given: self.urls.count)
        }
        let progress = UploadProgress(self.plan)
        defer { progress.end() }
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var etags = Array(repeating: "", count: self.plan.partCount)
            for number in 1...self.plan.partCount {
                if number > parallel, let (finished, etag) = try await group.next() { etags[finished - 1] = etag }
                group.addTask { (number, try await self.sendPart(number, progress)) }
            }
            for try await (finished, etag) in group { etags[finished - 1] = etag }
            return etags
        }
    }

    private func sendPart(_ number: Int, _ progress: UploadProgress) async throws -> String {
        let upload = PartUpload(
            url: self.urls[number - 1],
            file: self.file.descriptor,
            range: self.plan.range(ofPart: number)
        )
        var attempt = 0
        while true {
            attempt += 1
            do {
                let etag = try await upload.put { bytes in progress.part(number, sent: bytes) }
                progress.partFinished(number)
                return etag
            } catch {
                guard error.canPass, attempt < Self.tries else { throw error }
                progress.part(number, sent: 0)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...(250 << attempt))))
            }
        }
    }
}

struct WrongNumberOfURLs: Error, CustomStringConvertible {
    var expected: Int
    var given: Int

    var description: String {
        "the worker gave \(self.given) URLs for \(self.expected) parts: the file id has an open upload of another size"
    }
}
