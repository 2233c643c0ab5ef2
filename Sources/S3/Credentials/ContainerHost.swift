import Glibc

/// Which hosts a container's credentials may be asked of in the clear: those that only this machine can be.
enum ContainerHost {
    /// ECS, and EKS Pod Identity's two.
    private static let addresses = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    static func isAllowed(_ endpoint: Endpoint) -> Bool {
        endpoint.scheme == .https || endpoint.host == "localhost" || Self.isLoopback(endpoint.host)
            || Self.addresses.contains { Self.address($0) == Self.address(endpoint.host) }
    }

    private static func isLoopback(_ host: String) -> Bool {
        guard let address = Self.address(host) else { return false }
        return address.count == 4 ? address[0] == 127 : address == Self.address("[::1]")
    }

    /// The bytes of an address in its usual notation, and nothing of a name: who answers for that may change.
    private static func address(_ host: String) -> [UInt8]? {
        let isV6 = host.hasPrefix("[") && host.hasSuffix("]")
        var bytes = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
        let text = isV6 ? String(host.dropFirst().dropLast()) : host
        return inet_pton(isV6 ? AF_INET6 : AF_INET, text, &bytes) == 1 ? bytes : nil
    }
}
