internal import FoundationEssentials

/// The JSON that containers' endpoints, instance metadata and credential processes answer with.
enum CredentialsDocument {
    private struct Fields: Decodable {
        let code: String?
        let accessKeyID: String?
        let secretAccessKey: String?
        let token: String?
        let sessionToken: String?
        let expiration: String?

        enum CodingKeys: String, CodingKey {
            case code = "Code"
            case accessKeyID = "AccessKeyId"
            case secretAccessKey = "SecretAccessKey"
            case token = "Token"
            case sessionToken = "SessionToken"
            case expiration = "Expiration"
        }
    }

    /// - Parameter place: whose answer it is, for errors, which repeat nothing of it.
    static func credentials(in bytes: [UInt8], place: String) throws(CredentialsError) -> Credentials {
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: Data(bytes))
        } catch {
            throw CredentialsError("the answer of \(place) is not the JSON of credentials", canPass: true)
        }
        if let code = fields.code, code != "Success" {
            throw CredentialsError("\(place) says \(S3Error.token(code) ?? "no"), not Success", canPass: true)
        }
        guard let id = fields.accessKeyID, let secret = fields.secretAccessKey else {
            throw CredentialsError("the answer of \(place) has no AccessKeyId and SecretAccessKey", canPass: true)
        }
        return try Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: fields.token ?? fields.sessionToken,
            expiresAt: Self.expiration(fields.expiration, place: place),
            place: "the answer of \(place)"
        )
    }

    private static func expiration(_ text: String?, place: String) throws(CredentialsError) -> Date? {
        guard let text else { return nil }
        guard let date = Date(expiration: text) else {
            throw CredentialsError("the answer of \(place) has an Expiration that is no time", canPass: true)
        }
        return date
    }
}

extension Date {
    /// A time such as `2030-01-31T12:00:00Z`, with or without a fraction of its seconds.
    init?(expiration text: String) {
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        guard let date = styles.lazy.compactMap({ try? $0.parse(text) }).first else { return nil }
        self = date
    }
}
