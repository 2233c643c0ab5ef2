internal import FoundationEssentials

/// A role that other credentials may assume.
struct AssumedRole: Sendable, Equatable {
    static let action = "AssumeRole"

    let arn: String
    let sessionName: RoleSessionName
    var externalID: String?
    var seconds: Int?
    let service: TokenService

    func fetch(with credentials: Credentials, at date: Date) async throws(CredentialsError) -> Credentials {
        try await self.service.credentials(Self.action, answering: self.request(with: credentials, at: date))
    }

    func request(with credentials: Credentials, at date: Date) -> HTTPRequest {
        var fields = [("RoleArn", self.arn), ("RoleSessionName", self.sessionName.text)]
        if let externalID { fields.append(("ExternalId", externalID)) }
        if let seconds { fields.append(("DurationSeconds", String(seconds))) }
        let date = SigningDate(date)
        let location = BucketLocation(service: self.service.endpoint)
        return RequestSigner(location: location).sign(
            .post,
            path: location.rootPath,
            headers: TokenService.formHeaders,
            body: TokenService.form(Self.action, fields),
            with: SigningKey(credentials: credentials, region: self.service.region, service: "sts", date: date),
            at: date
        )
    }
}
