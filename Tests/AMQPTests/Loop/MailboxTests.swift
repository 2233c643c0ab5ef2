import Testing

@testable import AMQP

@Suite("The mailbox")
struct MailboxTests {
    @Test("keeps commands in order and takes none once it is closed")
    func order() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.takeAll() == [])
        #expect(mailbox.post(1))
        #expect(mailbox.post(2))
        #expect(mailbox.takeAll() == [1, 2])
        #expect(mailbox.post(3))
        #expect(mailbox.close() == [3])
        #expect(!mailbox.post(4))
        #expect(mailbox.takeAll() == [])
    }

    @Test("loses no command and no wake-up of many posters at once")
    func concurrency() async throws {
        let mailbox = Mailbox<Int>()
        let (posters, each) = (8, 20_000)
        let start = ContinuousClock.now
        async let taken = onBrokerThread(named: "owner") { () -> [Int] in
            var taken: [Int] = []
            while taken.count < posters * each {
                taken.append(contentsOf: mailbox.takeAll())
                guard taken.count < posters * each, mailbox.fallAsleep() else { continue }
                mailbox.wait(atMost: .seconds(60))
                mailbox.wakeUp()
            }
            return taken
        }
        await withTaskGroup(of: Void.self) { group in
            for poster in 0..<posters {
                group.addTask { for number in 0..<each { mailbox.post(poster * each + number) } }
            }
        }
        let commands = try await taken
        #expect(start.duration(to: .now) < .seconds(50), "a wake-up was lost")
        #expect(commands.sorted() == Array(0..<(posters * each)))
        for poster in 0..<posters {
            let own = commands.filter { $0 / each == poster }
            #expect(own == own.sorted(), "each poster's commands stay in order")
        }
    }

    @Test("lets its owner sleep only when it is empty, and wakes it")
    func sleep() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.fallAsleep())
        mailbox.post(1)
        // Would not return before the time is over if nobody had rung.
        let start = ContinuousClock.now
        mailbox.wait(atMost: .seconds(30))
        #expect(start.duration(to: .now) < .seconds(20))
        mailbox.wakeUp()
        #expect(!mailbox.fallAsleep())
        #expect(mailbox.takeAll() == [1])
        #expect(mailbox.fallAsleep())
    }
}

@Suite("An answer")
struct AnswerTests {
    @Test("is the first that is given")
    func first() async {
        let answer = Answer<Int>()
        #expect(answer.give(1))
        #expect(!answer.give(2))
        #expect(await answer.wait() == 1)
    }

    @Test("reaches who waits for it")
    func awaited() async {
        let answer = Answer<Int>()
        async let value = answer.wait()
        #expect(answer.give(7))
        #expect(await value == 7)
    }
}
