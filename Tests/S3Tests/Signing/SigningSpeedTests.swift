import Foundation
import Testing

@testable import S3

/// `BENCHMARK=1 swift test -c release -Xswiftc -enable-testing --filter SigningSpeed` prints figures.
@Suite struct SigningSpeedTests {
    private let credentials = Credentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    private let date = SigningDate(Date(timeIntervalSince1970: 1_700_000_000))
    private let location = BucketLocation(bucket: "uploads", custom: nil, region: "eu-central-1", style: .auto)
    private let key = "users/42/11111111-1111-4111-8111-111111111111"
    private let uploadID = String(repeating: "aB3_", count: 32)

    @Test("The naive signer, which the figures compare with, writes the same URLs")
    func naive() {
        let naive = Set((1...20).map(self.naiveSigner.url).map(Self.normalized))
        #expect(naive == Set(self.signer.urls(parts: 1...20).map { Self.normalized($0.text) }))
    }

    @Test("Part URLs per second", .enabled(if: ProcessInfo.processInfo.environment["BENCHMARK"] != nil))
    func speed() {
        let uploads = 20_000
        let fast = self.rate(of: uploads * 20) {
            for _ in 0..<uploads { blackHole(self.signer.urls(parts: 1...20)) }
        }
        let naive = self.naiveSigner
        let slow = self.rate(of: 10_000) {
            for part in 1...10_000 { blackHole(naive.url(part: part)) }
        }
        print("part URLs a second: \(Int(fast)), built naively from strings: \(Int(slow)), ratio \(Int(fast / slow))")
    }

    private var signer: PartURLSigner {
        PartURLSigner(
            location: self.location,
            key: self.key,
            uploadID: self.uploadID,
            signingKey: SigningKey(credentials: self.credentials, region: "eu-central-1", date: self.date),
            date: self.date,
            lifetime: 86400
        )
    }

    private var naiveSigner: NaivePartURLSigner {
        NaivePartURLSigner(
            location: self.location,
            key: self.key,
            uploadID: self.uploadID,
            credentials: self.credentials,
            region: "eu-central-1",
            date: self.date,
            lifetime: 86400
        )
    }

    private func rate(of count: Int, _ work: () -> Void) -> Double {
        let time = ContinuousClock().measure(work)
        return Double(count) / (time / .seconds(1))
    }

    /// The order of the query's parameters does not matter.
    private static func normalized(_ url: String) -> [Substring] {
        url.split(whereSeparator: { $0 == "?" || $0 == "&" }).sorted()
    }
}

@inline(never) private func blackHole(_: some Any) {}
