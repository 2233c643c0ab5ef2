/// Where an S3 service is reached: `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:9000/storage`.
package struct Endpoint: Sendable, Equatable {
    package enum Scheme: String, Sendable {
        case http, https

        var port: Int { self == .http ? 80 : 443 }
    }

    package let scheme: Scheme
    /// In lower case; an IPv6 address keeps its brackets.
    package let host: String
    /// Nil where it is the scheme's own.
    package let port: Int?
    /// Empty, or with a leading slash and without a trailing one, percent-encoded.
    package let pathPrefix: String
}

extension Endpoint {
    /// Reads `scheme://host[:port][/prefix]`.
    package init(parsing text: String) throws(EndpointError) {
        guard let separator = text.firstRange(of: "://") else {
            throw EndpointError("an endpoint starts with http:// or https://")
        }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
            throw EndpointError("an endpoint's scheme is http or https")
        }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let (host, port) = try Self.hostAndPort(authority)
        self.scheme = scheme
        self.host = host
        self.port = port == scheme.port ? nil : port
        self.pathPrefix = try Self.pathPrefix(rest[authority.endIndex...])
    }

    /// AWS's own regional endpoint.
    package static func aws(_ service: String = "s3", region: String) -> Endpoint {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        return Endpoint(scheme: .https, host: "\(service).\(region).\(domain)", port: nil, pathPrefix: "")
    }

    /// The token service where no region is known.
    static let globalTokenService = Endpoint(scheme: .https, host: "sts.amazonaws.com", port: nil, pathPrefix: "")

    /// The whole URL of a path at this endpoint.
    func url(path: String) -> String {
        "\(self.scheme.rawValue)://\(self.authority)\(self.pathPrefix)\(path)"
    }

    /// Host and port as the `Host` header has them.
    var authority: String {
        self.port.map { "\(self.host):\($0)" } ?? self.host
    }

    private static func hostAndPort(_ authority: Substring) throws(EndpointError) -> (String, Int?) {
        guard !authority.contains("@") else {
            throw EndpointError("an endpoint has no user and password")
        }
        var host = authority
        var port: Int?
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterAddress...].firstIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let number = Int(digits),
                (1...65535).contains(number)
            else { throw EndpointError("an endpoint's port is 1 to 65535") }
            host = authority[..<colon]
            port = number
        }
        guard Self.isHost(host) else {
            throw EndpointError("an endpoint needs a host name or an address (IPv6 in brackets)")
        }
        return (host.lowercased(), port)
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") && host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            return !address.isEmpty && address.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        return !host.isEmpty
            && host.utf8.allSatisfy { byte in
                URIEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~")
            }
    }

    private static func pathPrefix(_ path: Substring) throws(EndpointError) -> String {
        guard !path.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw EndpointError("an endpoint has no query and no fragment")
        }
        let segments = path.split(separator: "/")
        guard
            segments.allSatisfy({ segment in
                segment != "." && segment != ".." && segment.utf8.allSatisfy(URIEncoding.isUnreserved)
            })
        else {
            throw EndpointError("an endpoint's path is of letters, digits and - . _ ~, between slashes")
        }
        return segments.map { "/" + $0 }.joined()
    }
}
