/// A store's answer that is known to be no error.
struct S3Response: Sendable {
    let operation: S3Operation
    let http: HTTPResponse
    private let body: Result<ResponseElement, XMLError>

    /// Sorts errors from the rest: those inside a 200 are as good as any other.
    init(_ http: HTTPResponse, to request: S3Request, region: String) throws(S3Error) {
        self.operation = request.operation
        self.http = http
        self.body = Result { () throws(XMLError) in try XMLReader.read(http.body) }
        var error: ResponseElement?
        if case .success(let root) = self.body, root.name == "Error" { error = root }
        guard error == nil, (200..<300).contains(http.status) else {
            throw S3Error(request.operation, response: http, element: error, region: region)
        }
    }

    /// The body's root, which has to be of that name.
    func root(named name: String) throws(S3Error) -> ResponseElement {
        switch self.body {
        case .success(let root) where root.name == name: return root
        case .success: throw self.malformed("the answer is no \(name)")
        case .failure(.malformed): throw self.malformed("the answer is no XML, or was cut short")
        case .failure(.refused): throw self.malformed("the answer has a DOCTYPE or too many levels")
        }
    }

    func malformed(_ message: String) -> S3Error {
        S3Error(self.operation, malformed: self.http, message)
    }
}
