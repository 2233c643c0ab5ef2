import Foundation

@testable import Uploads

/// The parser and Foundation's take the same documents, but for known differences.
enum JSONAgreement {
    static func check(_ body: [UInt8]) throws(Finding) {
        guard !self.isOutsideAgreement(body) else { return }
        let theirs = (try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed)) != nil
        let fault = self.fault(of: body)
        guard let fault else { return try Finding.unless(theirs, "Foundation takes the JSON that this parser takes") }
        try Finding.unless(
            !theirs || self.isStricter(fault, body),
            "this parser takes the JSON that Foundation takes (\(fault))"
        )
    }

    private static func fault(of body: [UInt8]) -> JSONFault? {
        do throws(JSONFault) {
            _ = try JSONParser.parse(body)
            return nil
        } catch {
            return error
        }
    }

    /// Foundation lets NUL bytes pass for another encoding, refuses lone surrogates and numbers that no double holds.
    private static func isOutsideAgreement(_ body: [UInt8]) -> Bool {
        body.contains(0) || [[0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE]].contains { body.starts(with: $0) }
            || self.mayHoldSurrogate(body) || self.longestNumber(in: body) > 300 || self.hasLongExponent(body)
    }

    private static func mayHoldSurrogate(_ body: [UInt8]) -> Bool {
        zip(body, body.dropFirst()).contains { $0 == UInt8(ascii: "u") && $1 | 0x20 == UInt8(ascii: "d") }
    }

    private static func longestNumber(in body: [UInt8]) -> Int {
        body.split { !self.isDigit($0) }.map(\.count).max() ?? 0
    }

    /// Three digits behind an `e`.
    private static func hasLongExponent(_ body: [UInt8]) -> Bool {
        body.indices.contains { index in
            body[index] | 0x20 == UInt8(ascii: "e")
                && body[(index + 1)...].drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
                    .prefix { self.isDigit($0) }.count >= 3
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Rules of this parser alone: Foundation lets a comma pass before a closing brace or bracket, too.
    private static func isStricter(_ fault: JSONFault, _ body: [UInt8]) -> Bool {
        switch fault {
        case .tooDeep, .duplicateName: true
        case .unexpected("a string", let offset): offset < body.count && body[offset] == UInt8(ascii: "}")
        case .unexpected("a value", let offset): offset < body.count && body[offset] == UInt8(ascii: "]")
        case .empty, .byteOrderMark, .unexpected, .notUTF8: false
        }
    }
}
