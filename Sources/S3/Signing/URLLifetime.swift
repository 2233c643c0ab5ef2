internal import FoundationEssentials

/// How long a presigned URL is good for.
enum URLLifetime {
    /// Signature V4's own limit: 7 days.
    static let longest = 604_800
    /// Credentials are taken to end this much earlier: clocks differ, and an upload wants to end, too.
    static let margin = 60

    /// Whole seconds from the signature's date; 0 where the credentials end too soon for any.
    static func seconds(asked: Duration, from date: SigningDate, credentialsEnd: Date?) -> Int {
        let wanted = min(Self.longest, max(1, Int(asked.components.seconds)))
        guard let credentialsEnd else { return wanted }
        let left = credentialsEnd.timeIntervalSince(date.date).rounded(.down) - Double(Self.margin)
        return Int(max(0, min(Double(wanted), left)))
    }

    /// When credentials must end, or later, for URLs that live as long.
    static func end(asked: Duration, from date: SigningDate) -> Date {
        date.date.addingTimeInterval(Double(self.seconds(asked: asked, from: date, credentialsEnd: nil) + self.margin))
    }
}
