internal import FoundationEssentials

/// The moment of a signature, in whole seconds of UTC, from 1970 on.
struct SigningDate: Sendable, Equatable {
    let secondsSince1970: Int

    init(_ date: Date) {
        self.secondsSince1970 = Int(max(0, date.timeIntervalSince1970).rounded(.down))
    }

    var date: Date {
        Date(timeIntervalSince1970: Double(self.secondsSince1970))
    }

    /// The day's number since 1970-01-01.
    var day: Int {
        self.secondsSince1970 / 86400
    }

    /// `20130524`, as in the credential scope.
    var dayText: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(8)
        let (year, month, dayOfMonth) = Self.civil(day: self.day)
        text.append(decimal: year, width: 4)
        text.append(decimal: month, width: 2)
        text.append(decimal: dayOfMonth, width: 2)
        return text
    }

    /// `20130524T000000Z`, as in `X-Amz-Date`.
    var text: [UInt8] {
        var text = self.dayText
        let second = self.secondsSince1970 - self.day * 86400
        text.append(UInt8(ascii: "T"))
        text.append(decimal: second / 3600, width: 2)
        text.append(decimal: second / 60 % 60, width: 2)
        text.append(decimal: second % 60, width: 2)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// The Gregorian date of a day: years counted from March, so that a leap day ends one, in eras of 400 years.
    private static func civil(day: Int) -> (year: Int, month: Int, day: Int) {
        let daysSinceMarch0000 = day + 719_468
        let era = daysSinceMarch0000 / 146_097
        let dayOfEra = daysSinceMarch0000 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
