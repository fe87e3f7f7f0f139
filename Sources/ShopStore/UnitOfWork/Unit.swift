import SQLite
import Shop

/// The repositories over one connection.
final class Unit: Repositories {
    let connection: Connection
    let changes = Changes()
    let accounts: any AccountRepository
    let balances: any BalanceRepository
    let products: any ProductRepository
    let coupons: any CouponRepository
    let orders: any OrderRepository
    let payments: any PaymentRepository
    let popular: any PopularRepository
    let baskets: any BasketRepository
    let idempotency: any IdempotencyRepository
    let clock: any ClockRepository
    let trace: any TraceRepository

    init(_ connection: Connection) {
        self.connection = connection
        accounts = SQLAccounts(sql: connection, changes: changes)
        balances = SQLBalances(sql: connection)
        products = SQLProducts(sql: connection, changes: changes)
        coupons = SQLCoupons(sql: connection)
        orders = SQLOrders(sql: connection)
        payments = SQLPayments(sql: connection)
        popular = SQLPopular(sql: connection, changes: changes)
        baskets = SQLBaskets(sql: connection)
        idempotency = SQLIdempotency(sql: connection)
        clock = SQLClock(sql: connection)
        trace = SQLTrace(sql: connection)
    }

    /// Writes into the file's header what is there already: nothing changes, but the disk has to take a page.
    func touch() throws { try connection.run("PRAGMA application_id = 0") }
}

/// What the running transaction has changed of what is cached in memory elsewhere.
final class Changes {
    private(set) var topics: Set<Topic> = []

    func note(_ topic: Topic) { topics.insert(topic) }
    func forget() { topics = [] }
}
