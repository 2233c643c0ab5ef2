/// How a file is cut into parts: all of one size but the last, which may be smaller.
///
/// Limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
struct PartPlan: Equatable {
    static let smallestPart: Int64 = 5 << 20
    static let largestPart: Int64 = 5 << 30
    /// What a part has unless the file needs larger ones: small enough to be put again cheaply after a failure.
    private static let usualPart: Int64 = 8 << 20

    let size: Int64
    let partSize: Int64
    let partCount: Int

    /// - Parameters:
    ///   - asked: the number of parts, or nil to choose one.
    ///   - most: the largest number that the worker takes (`MAX_PART_COUNT`).
    init(size: Int64, parts asked: Int?, most: Int) throws(PartPlanError) {
        if let asked, !(1...most).contains(asked) { throw PartPlanError.partCount(asked, most: most) }
        let partCount = asked ?? Self.usualCount(size: size, most: most)
        let partSize = max(1, Self.divide(size, by: Int64(partCount)))
        guard partSize <= Self.largestPart else { throw PartPlanError.fileTooLarge(size, parts: partCount) }
        guard partCount == 1 || partSize >= Self.smallestPart else {
            throw PartPlanError.partsTooSmall(partCount, size: size)
        }
        self.size = size
        self.partSize = partSize
        self.partCount = partCount
    }

    /// The bytes of part `number`, counted from 1.
    func range(ofPart number: Int) -> Range<Int64> {
        let start = min(self.size, Int64(number - 1) * self.partSize)
        return start..<min(self.size, start + self.partSize)
    }

    /// As many as the usual size asks for, of which none is too small and none more than the worker takes.
    private static func usualCount(size: Int64, most: Int) -> Int {
        let usual = Self.divide(size, by: Self.usualPart)
        return Int(max(1, min(usual, size / Self.smallestPart, Int64(most))))
    }

    private static func divide(_ value: Int64, by divisor: Int64) -> Int64 { (value + divisor - 1) / divisor }
}

enum PartPlanError: Error, Equatable, CustomStringConvertible {
    case partCount(Int, most: Int)
    case partsTooSmall(Int, size: Int64)
    case fileTooLarge(Int64, parts: Int)

    var description: String {
        switch self {
        case .partCount(let count, let most):
            "--parts \(count): it must be from 1 to \(most) (MAX_PART_COUNT)"
        case .partsTooSmall(let count, let size):
            "--parts \(count): a file of \(size) bytes gives parts under 5 MiB, which S3 refuses; "
                + "use at most \(max(1, size / PartPlan.smallestPart))"
        case .fileTooLarge(let size, let parts):
            "the file has \(size) bytes, more than \(parts) parts of at most 5 GiB can hold; raise MAX_PART_COUNT"
        }
    }
}
