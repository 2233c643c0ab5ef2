import FoundationEssentials

/// Times as results and headers state them: UTC, whole seconds, `Z`.
package enum RFC3339 {
    private static let secondsADay = 86_400

    /// Rounds down: a time stated is never later than the true one. Years outside 1 to 9999 become the nearest inside.
    package static func text(of date: Date) -> String {
        let seconds = self.seconds(of: date)
        let secondOfDay = seconds - self.floor(seconds, self.secondsADay) * self.secondsADay
        let (year, month, day) = self.civil(self.floor(seconds, self.secondsADay))
        var text: [UInt8] = []
        text.reserveCapacity(20)
        self.append(year, digits: 4, to: &text)
        for (separator, value) in [
            ("-" as Unicode.Scalar, month), ("-", day), ("T", secondOfDay / 3600), (":", secondOfDay / 60 % 60),
            (":", secondOfDay % 60),
        ] {
            text.append(UInt8(ascii: separator))
            self.append(value, digits: 2, to: &text)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads what `text(of:)` writes; nil for all else, dates that do not exist included.
    package static func date(of text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 else { return nil }
        let fields = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map { self.number(bytes[$0]) }
        let (year, month, day) = (fields[0], fields[1], fields[2])
        guard let year, let month, let day, let hour = fields[3], let minute = fields[4], let second = fields[5],
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let seconds = self.days(year, month, day) * self.secondsADay + hour * 3600 + minute * 60 + second
        let date = Date(timeIntervalSince1970: Double(seconds))
        return self.text(of: date) == text ? date : nil
    }

    private static func seconds(of date: Date) -> Int {
        let earliest = -62_135_596_800.0
        let latest = 253_402_300_799.0
        return Int(max(earliest, min(latest, date.timeIntervalSince1970.rounded(.down))))
    }

    private static func floor(_ dividend: Int, _ divisor: Int) -> Int {
        dividend >= 0 ? dividend / divisor : (dividend - divisor + 1) / divisor
    }

    /// The date of a day counted from 1970, in a calendar whose years begin in March and whose leap day so comes last.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = self.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = self.floor(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func append(_ value: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.reduce(0 as Int?) { number, byte in
            guard let number, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            return number * 10 + Int(byte - UInt8(ascii: "0"))
        }
    }
}
