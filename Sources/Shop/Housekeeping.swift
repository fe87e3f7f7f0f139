/// What the batch tidies up besides the popular list. Each step is a short write of its own, so that the shop gets its
/// turn in between.
public struct Housekeeping: Sendable {
    /// What one run did.
    public struct Report: Sendable, Equatable {
        public var expiredOrders = 0
        public var forgottenKeys = 0
        public var endedSessions = 0
        public var forgottenSales = 0
        public var forgottenLogins = 0
        public var forgottenBaskets = 0
        public var forgottenPrograms = 0
    }

    /// Rows changed in one write: some milliseconds' worth.
    static let rowsPerWrite = 1_000

    let store: any Store
    let clock: ShopClock
    let policy: Policy

    public init(store: any Store, clock: ShopClock, policy: Policy) {
        self.store = store
        self.clock = clock
        self.policy = policy
    }

    public func run() throws -> Report {
        let now = clock.now()
        let firstHour = PopularProducts(store: store, clock: clock, policy: policy).windowStart(now)
        var report = Report()
        report.expiredOrders = try repeatedly { shop, limit in try shop.orders.expire(at: now, limit: limit) }
        report.forgottenKeys = try repeatedly { shop, limit in
            try shop.idempotency.forget(before: now - policy.idempotencyLifetime, limit: limit)
        }
        report.endedSessions = try repeatedly { shop, limit in
            try shop.accounts.endSessions(
                expiredBy: now, unusedSince: now - policy.sessionIdleLifetime, limit: limit)
        }
        report.forgottenSales = try repeatedly { shop, limit in
            try shop.popular.forgetSales(before: firstHour, limit: limit)
        }
        report.forgottenLogins = try repeatedly { shop, limit in
            try shop.accounts.forgetFailedLogins(before: now - LoginThrottle.forgottenAfter, limit: limit)
        }
        report.forgottenBaskets = try repeatedly { shop, limit in
            try shop.baskets.forgetVisitors(unusedSince: now - policy.visitorBasketLifetime, limit: limit)
        }
        report.forgottenPrograms = try repeatedly { shop, limit in
            try shop.accounts.forgetPrograms(before: now - Accounts.programsKnownFor, limit: limit)
        }
        return report
    }

    private func repeatedly(_ step: (any Repositories, _ limit: Int) throws -> Int) throws -> Int {
        var total = 0
        while true {
            let changed = try store.write { shop in try step(shop, Self.rowsPerWrite) }
            total += changed
            if changed < Self.rowsPerWrite { return total }
        }
    }
}
