internal import FoundationEssentials

/// One answer of ListParts.
struct PartsPage: Sendable {
    let parts: [UploadedPart]
    let isTruncated: Bool

    init(_ response: S3Response) throws(S3Error) {
        let result = try response.root(named: "ListPartsResult")
        var parts: [UploadedPart] = []
        for element in result.children(named: "Part") {
            guard let number = element["PartNumber"].flatMap(Int.init), let size = element["Size"].flatMap(Int64.init),
                let etag = element["ETag"].flatMap(ETag.unquoted)
            else { throw response.malformed("a part without number, size or ETag in the answer") }
            parts.append(
                UploadedPart(
                    number: number,
                    etag: etag,
                    size: size,
                    lastModified: element["LastModified"].flatMap(Date.init(storeText:))
                )
            )
        }
        self.parts = parts.sorted { $0.number < $1.number }
        self.isTruncated = result["IsTruncated"] == "true"
    }
}
