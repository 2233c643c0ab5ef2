import Testing

@testable import UploadWorker

@Suite("A part plan")
struct PartPlanTests {
    private static let mib: Int64 = 1 << 20

    @Test(
        "cuts a file into parts of a size that S3 takes",
        arguments: [
            (size: 0, asked: nil, count: 1, first: 0, last: 0),
            (size: 1, asked: nil, count: 1, first: 1, last: 1),
            (size: 8 * mib, asked: nil, count: 1, first: 8 * mib, last: 8 * mib),
            (size: 8 * mib + 1, asked: nil, count: 1, first: 8 * mib + 1, last: 8 * mib + 1),
            (size: 10 * mib - 1, asked: nil, count: 1, first: 10 * mib - 1, last: 10 * mib - 1),
            (size: 10 * mib, asked: nil, count: 2, first: 5 * mib, last: 5 * mib),
            (size: 12 * mib + 1, asked: nil, count: 2, first: 6 * mib + 1, last: 6 * mib),
            (size: 160 * mib, asked: nil, count: 20, first: 8 * mib, last: 8 * mib),
            (size: 160 * mib + 1, asked: nil, count: 20, first: 8 * mib + 1, last: 8 * mib - 18),
            (size: 10 * mib, asked: 2, count: 2, first: 5 * mib, last: 5 * mib),
            (size: 3, asked: 1, count: 1, first: 3, last: 3),
            (size: 20 * (5 << 30), asked: nil, count: 20, first: 5 << 30, last: 5 << 30),
        ] as [(size: Int64, asked: Int?, count: Int, first: Int64, last: Int64)]
    )
    func cuts(size: Int64, asked: Int?, count: Int, first: Int64, last: Int64) throws {
        let plan = try PartPlan(size: size, parts: asked, most: 20)
        #expect(plan.partCount == count)
        #expect(plan.range(ofPart: 1).count == first)
        #expect(plan.range(ofPart: count).count == last)
        let ranges = (1...count).map(plan.range(ofPart:))
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(ranges.first?.lowerBound == 0)
        #expect(ranges.last?.upperBound == size)
    }

    @Test(
        "refuses what S3 or the worker would refuse",
        arguments: [
            (size: 10 * mib, asked: 0, error: .partCount(0, most: 20)),
            (size: 10 * mib, asked: 21, error: .partCount(21, most: 20)),
            (size: 10 * mib - 2, asked: 2, error: .partsTooSmall(2, size: 10 * mib - 2)),
            (size: 20 * (5 << 30) + 1, asked: nil, error: .fileTooLarge(20 * (5 << 30) + 1, parts: 20)),
        ] as [(size: Int64, asked: Int?, error: PartPlanError)]
    )
    func refuses(size: Int64, asked: Int?, error: PartPlanError) {
        #expect(throws: error) { try PartPlan(size: size, parts: asked, most: 20) }
    }
}
