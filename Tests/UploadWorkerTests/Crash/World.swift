import AMQP
import Foundation
import Uploads

/// All that outlives a process: the broker's queues, the store, the session database.
struct World: Sendable {
    static let urlExpiry = Duration.seconds(86400)

    var now = Date(timeIntervalSince1970: 1_700_000_000)
    /// Effects so far: the time by which what happened first is told.
    var step = 0
    var deadProcesses: Set<Int> = []
    /// Those whose database failed for good, and the deliveries that were told.
    var failedProcesses: Set<Int> = []
    var failedDeliveries: Set<Int> = []
    var violations: [String] = []
    var requestCount = 0
    /// Whether nothing but the one request changes anything.
    var isAlone = false
    /// Uploads that no database knows and no request names: a lost database leaves them to the store's lifecycle rule.
    var orphans: Set<String> = []
    var expiredBefore: String?

    // The broker.
    var ready: [Message] = []
    var held: [Message] = []
    var deliveries: [TrackedDelivery] = []
    var answers: [PublishedAnswer] = []
    var expiries: [String] = []
    var deadLetters = 0
    var mayDeadLetter = false
    /// The requests that the broker dead-lettered by itself, unanswered.
    var setAside: Set<Int> = []

    // The store.
    var uploads: [StoredUpload] = []
    var objects: [String: StoredObject] = [:]
    var remembersCompleted = false

    // The session database.
    var rows: [Session] = []
    /// Those that a sweep has begun to end.
    var expiring: Set<SessionID> = []
    var strayChecks: [StrayCheck] = []
    var sessionCount: UInt8 = 0

    mutating func violate(_ what: String) {
        self.violations.append(what)
    }

    /// The broker sees the process's connection end.
    mutating func kill(_ process: Int) {
        guard self.deadProcesses.insert(process).inserted else { return }
        for id in self.deliveries.indices where self.deliveries[id].process == process { self.takeBack(id) }
    }

    /// Puts an unacknowledged delivery back into its queue.
    mutating func takeBack(_ delivery: Int) {
        guard self.deliveries[delivery].isOpen else { return }
        self.deliveries[delivery].isOpen = false
        var message = self.deliveries[delivery].message
        message.deliveryCount += 1
        if message.deliveryCount > DeliveryLimit.ofQueue {
            self.setAside.insert(message.request)
        } else {
            self.ready.append(message)
        }
    }

    /// The same by the worker's own wish.
    mutating func handBack(_ delivery: Int) {
        if self.deliveries[delivery].isOpen, self.deliveries[delivery].message.deliveryCount >= DeliveryLimit.ofQueue {
            self.violate("delivery \(delivery) is handed back once too often")
        }
        self.takeBack(delivery)
    }
}

/// A request in a queue.
struct Message: Sendable {
    /// Which of the scenario's requests it is.
    var request: Int
    var queue: String
    var properties: MessageProperties
    var body: [UInt8]
    var deliveryCount = 0
}

struct TrackedDelivery: Sendable {
    let message: Message
    let process: Int
    let startedAt: Int
    /// Whether it still is the broker's, unacknowledged.
    var isOpen = true
    var answered = false
    var needsDeadLetter = false
    var deadLettered = false
    var retried = false
}

struct StoredUpload: Sendable {
    let id: String
    let key: String
    let contentType: String
    let metadata: [String: String]
    var parts: [Part] = []
    /// The step at which it was completed or aborted.
    var endedAt: Int?
    var isOpen: Bool { self.endedAt == nil }
}

struct StoredObject: Sendable {
    let upload: StoredUpload
    let parts: [Part]
}

struct PublishedAnswer: Sendable {
    let messageID: String
    let request: Int
    let delivery: Int
    let body: AnswerBody
}
