/// Writes the presigned URLs for the parts of one upload: pure, and the same for the same date.
struct PartURLSigner: Sendable {
    private let signer: PresignedURLSigner
    private let uploadID: [UInt8]

    init(
        location: BucketLocation,
        key: String,
        uploadID: String,
        signingKey: SigningKey,
        date: SigningDate,
        lifetime seconds: Int
    ) {
        self.signer = PresignedURLSigner(
            method: "PUT",
            location: location,
            key: key,
            signingKey: signingKey,
            date: date,
            lifetime: seconds
        )
        var parameter = Array("&uploadId=".utf8)
        URIEncoding.appendQuery(uploadID, to: &parameter)
        self.uploadID = parameter
    }

    /// The URLs of these part numbers, in their order.
    func urls(parts: ClosedRange<Int>) -> [PresignedURL] {
        var scratch: [UInt8] = []
        var rest: [UInt8] = []
        rest.reserveCapacity(self.uploadID.count + 32)
        return parts.map { part in
            rest.removeAll(keepingCapacity: true)
            rest.append("&partNumber=")
            rest.append(decimal: part)
            rest.append(contentsOf: self.uploadID)
            return PresignedURL(self.signer.url(rest: rest, scratch: &scratch))
        }
    }
}
