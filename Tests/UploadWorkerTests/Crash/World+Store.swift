import Foundation
import S3
import Uploads

/// The store, with answers as S3 gives them.
extension World {
    typealias Answer<Value> = Result<Value, Refusal>

    struct Refusal: Error {
        let kind: S3Error.Kind
    }

    static let partSize: Int64 = 5 << 20

    mutating func create(key: String, contentType: String, metadata: [String: String], for delivery: Int?) -> String {
        let id = "upload-\(self.uploads.count + 1)"
        self.uploads.append(StoredUpload(id: id, key: key, contentType: contentType, metadata: metadata))
        return id
    }

    /// Asked again: the same answer from a store that remembers, and no such upload from one that does not.
    mutating func complete(key: String, uploadID: String, parts: [(number: Int, etag: String)]) -> Answer<StoredObject>
    {
        guard let index = self.openUpload(key, uploadID) else {
            let object = self.objects[key]
            if self.remembersCompleted, let object, object.upload.id == uploadID { return .success(object) }
            return .failure(Refusal(kind: .noSuchUpload))
        }
        let upload = self.uploads[index]
        let named = parts.compactMap { part in
            upload.parts.first { $0.number == part.number && $0.etag.rawValue == part.etag }
        }
        guard named.count == parts.count, !named.isEmpty else { return .failure(Refusal(kind: .invalidPart)) }
        self.uploads[index].endedAt = self.step
        let object = StoredObject(upload: upload, parts: named)
        self.objects[key] = object
        return .success(object)
    }

    mutating func abort(key: String, uploadID: String) -> Answer<Void> {
        guard let index = self.openUpload(key, uploadID) else { return .failure(Refusal(kind: .noSuchUpload)) }
        self.uploads[index].endedAt = self.step
        return .success(())
    }

    func listParts(key: String, uploadID: String) -> Answer<[S3.UploadedPart]> {
        guard let index = self.openUpload(key, uploadID) else { return .failure(Refusal(kind: .noSuchUpload)) }
        return .success(
            self.uploads[index].parts.map {
                S3.UploadedPart(number: $0.number, etag: $0.etag.rawValue, size: Self.partSize)
            }
        )
    }

    func listUploads(key: String) -> [ListedUpload] {
        self.uploads.filter { $0.key == key && $0.isOpen }
            .map { ListedUpload(key: $0.key, uploadID: $0.id, initiated: .distantPast) }
    }

    func openUpload(_ key: String, _ id: String) -> Int? {
        self.uploads.firstIndex { $0.id == id && $0.key == key && $0.isOpen }
    }

    func upload(named id: String?) -> StoredUpload? { self.uploads.first { $0.id == id } }
}

extension StoredObject {
    var head: ObjectHead {
        ObjectHead(
            etag: self.etag,
            size: World.partSize * Int64(self.parts.count),
            contentType: self.upload.contentType,
            metadata: self.upload.metadata,
            checksum: nil
        )
    }

    var etag: String? { MultipartETag.ofObject(madeOf: self.parts) }
}
