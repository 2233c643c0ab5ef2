import Testing

@testable import Hashing

/// Digests published in FIPS 180-4's examples and in RFC 4231.
@Suite struct HashingTests {
    @Test(
        "SHA-1 gives the published digests",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ]
    )
    func sha1(message: String, expected: String) {
        #expect(hexadecimal(SHA1.hash(message.utf8)) == expected)
    }

    @Test(
        "SHA-256 gives the published digests",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func sha256(message: String, expected: String) {
        var hash = SHA256()
        hash.update(message)
        #expect(hexadecimal(hash.digest()) == expected)
    }

    @Test("A copy goes on from the shared prefix, the original from where it was", arguments: [0, 1, 63, 64, 65, 200])
    func copies(prefixLength: Int) {
        let prefix = String(repeating: "p", count: prefixLength)
        var shared = SHA256()
        shared.update(prefix)
        var first = shared
        first.update("first")
        var second = shared
        second.update("second")
        #expect(hexadecimal(first.digest()) == digest(of: prefix + "first"))
        #expect(hexadecimal(second.digest()) == digest(of: prefix + "second"))
        #expect(hexadecimal(shared.digest()) == digest(of: prefix))
    }

    @Test(
        "HMAC gives RFC 4231's codes",
        arguments: [
            (
                Array(repeating: UInt8(0x0b), count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                Array(repeating: UInt8(0xaa), count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
    )
    func hmac(key: [UInt8], message: String, expected: String) {
        var code = HMACSHA256(key: key.span.bytes)
        code.update(message)
        #expect(hexadecimal(code.code()) == expected)
    }

    @Test("A key of just under, at and over a block is taken as RFC 2104 says", arguments: [63, 64, 65])
    func keyLength(count: Int) {
        let key = Array(repeating: UInt8(7), count: count)
        let shortened = SHA256.hash(key.span.bytes)
        var byKey = HMACSHA256(key: key.span.bytes)
        byKey.update("message")
        var byDigest = HMACSHA256(key: shortened.span.bytes)
        byDigest.update("message")
        #expect((hexadecimal(byKey.code()) == hexadecimal(byDigest.code())) == (count > 64))
    }

    private func digest(of text: String) -> String {
        hexadecimal(SHA256.hash(text.utf8.span.bytes))
    }
}

private func hexadecimal(_ digest: SHA256.Digest) -> String {
    hexadecimal(digest.indices.map { digest[$0] })
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
