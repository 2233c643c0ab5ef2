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
        body.contains(0) || body.starts(with: [0xEF, 0xBB, 0xBF]) || body.starts(with: [0xFE, 0xFF])
            || body.starts(with: [0xFF, 0xFE])
            || String(decoding: body, as: UTF8.self).contains(/\\u[dD][89a-fA-F]|[0-9][eE]\+?[0-9]{3}|[0-9]{300}/)
    }

    /// Rules of this parser alone: Foundation lets a comma pass before a closing brace, too.
    private static func isStricter(_ fault: JSONFault, _ body: [UInt8]) -> Bool {
        switch fault {
        case .tooDeep, .duplicateName: true
        case .unexpected("a string", let offset): offset < body.count && body[offset] == UInt8(ascii: "}")
        case .empty, .byteOrderMark, .unexpected, .notUTF8: false
        }
    }
}
