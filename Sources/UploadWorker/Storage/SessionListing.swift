import Uploads

/// Where sessions are read page by page, each page a transaction of its own; nothing is changed or made.
protocol SessionPages {
    /// At most so many sessions behind the last one's place, in the order in which they were saved.
    func sessions(_ filter: SessionFilter, _ order: SessionListing.Order, behind last: Int64?, limit: Int) throws
        -> [PlacedSession]
}

/// A session and its place in the order in which sessions were saved.
struct PlacedSession: Sendable {
    var place: Int64
    var session: Session
}

/// Upload sessions of a database, page by page, in the order in which they were saved.
///
/// Each page is over before anything is done with it: a listing that somebody reads slowly holds neither memory nor the
/// worker up. A session that is saved meanwhile comes where its turn is.
struct SessionListing {
    enum Order: Sendable { case newestFirst, oldestFirst }

    static let pageSize = 500

    private let pages: any SessionPages
    private let filter: SessionFilter
    private let order: Order
    private let pageSize: Int
    private var last: Int64?
    private var isOver = false

    init(_ pages: any SessionPages, _ filter: SessionFilter, _ order: Order, pageSize: Int = Self.pageSize) {
        self.pages = pages
        self.filter = filter
        self.order = order
        self.pageSize = pageSize
    }

    /// The next sessions; none at the end.
    mutating func next(atMost limit: Int = .max) throws -> [Session] {
        guard !self.isOver, limit > 0 else { return [] }
        let wanted = min(limit, self.pageSize)
        let page = try self.pages.sessions(self.filter, self.order, behind: self.last, limit: wanted)
        self.last = page.last?.place ?? self.last
        self.isOver = page.count < wanted
        return page.map(\.session)
    }
}
