internal import FoundationEssentials

/// One answer of ListMultipartUploads.
struct UploadsPage: Sendable {
    let uploads: [ListedUpload]
    let isTruncated: Bool
    let nextKeyMarker: String?
    let nextUploadIDMarker: String?

    init(_ response: S3Response) throws(S3Error) {
        let result = try response.root(named: "ListMultipartUploadsResult")
        var uploads: [ListedUpload] = []
        for element in result.children(named: "Upload") {
            guard let key = element["Key"], let id = element["UploadId"], !id.isEmpty else {
                throw response.malformed("an upload without key or id in the answer")
            }
            uploads.append(ListedUpload(key: key, uploadID: id, initiated: element["Initiated"].flatMap(Self.date)))
        }
        self.uploads = uploads
        self.isTruncated = result["IsTruncated"] == "true"
        self.nextKeyMarker = result["NextKeyMarker"]
        self.nextUploadIDMarker = result["NextUploadIdMarker"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func date(_ text: String) -> Date? {
        let whole = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? whole.parse(text)) ?? (try? fractional.parse(text))
    }
}
