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
            uploads.append(
                ListedUpload(key: key, uploadID: id, initiated: element["Initiated"].flatMap(Date.init(storeText:)))
            )
        }
        self.uploads = uploads
        self.isTruncated = result["IsTruncated"] == "true"
        self.nextKeyMarker = result["NextKeyMarker"]
        self.nextUploadIDMarker = result["NextUploadIdMarker"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Date {
    /// Reads a date of an XML answer, with or without fractions of a second.
    init?(storeText text: String) {
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? fractional.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else {
            return nil
        }
        self = date
    }
}
