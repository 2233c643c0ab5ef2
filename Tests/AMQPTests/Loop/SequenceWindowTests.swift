import Testing

@testable import AMQP

@Suite("A window of numbered elements")
struct SequenceWindowTests {
    @Test("numbers from one, finds, changes, removes")
    func basics() {
        var window = SequenceWindow<String>()
        #expect(window.isEmpty)
        #expect(window.removeAll() == [])
        #expect(window.append("a") == 1)
        #expect(window.append("b") == 2)
        #expect(window.append("c") == 3)
        #expect(window[2] == "b")
        #expect(window[0] == nil)
        #expect(window[4] == nil)
        let isUpdated = (window.update(2) { $0 += "!" }, window.update(4) { $0 += "!" })
        #expect(isUpdated == (true, false))
        #expect(window.remove(2) == "b!")
        #expect(window.remove(2) == nil)
        #expect(window.first == 1)
        #expect(window.remove(1) == "a")
        #expect(window.first == 3)
        #expect(window.removeAll(through: 2) == [])
        #expect(window.removeAll(through: .max) == ["c"])
        #expect(window.append("d") == 4)
        #expect(window.removeLast() == "d")
        #expect(window.removeLast() == nil)
        #expect(window.next == 4)
    }

    @Test("keeps its numbers over many more than it holds at a time")
    func longLife() {
        var window = SequenceWindow<UInt64>()
        for number in 1...10_000 as ClosedRange<UInt64> {
            #expect(window.append(number) == number)
            if number.isMultiple(of: 7) { #expect(window.remove(number - 3) == number - 3) }
            if number.isMultiple(of: 500) {
                let removed = window.removeAll(through: number - 100)
                #expect(removed == removed.sorted())
                #expect(window[number - 99] == number - 99 || (number - 99 + 3).isMultiple(of: 7))
            }
        }
        #expect(window.removeAll().last == 10_000)
        #expect(window.isEmpty)
        #expect(window.next == 10_001)
    }
}

@Suite("A line")
struct FIFOTests {
    @Test("keeps the order, those that go again first")
    func order() {
        var line = FIFO<Int>()
        #expect(line.popFirst() == nil)
        for number in 0..<1000 { line.append(number) }
        for number in 0..<600 { #expect(line.popFirst() == number) }
        line.prepend(contentsOf: [598, 599])
        #expect(line.first == 598)
        #expect(line.count == 402)
        line.append(contentsOf: [1000])
        #expect(line.removeAll() == Array(598...1000))
        #expect(line.isEmpty)
    }
}
