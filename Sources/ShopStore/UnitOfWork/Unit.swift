import SQLite
import Shop

/// The repositories over one connection.
final class Unit: Repositories {
    let connection: Connection
    let changes = Changes()
    let tally = FigureTally()
    let search = SearchChanges()
    let accounts: any AccountRepository
    let balances: any BalanceRepository
    let products: any ProductRepository
    let coupons: any CouponRepository
    let imports: any ProductImportRepository
    let orders: any OrderRepository
    let orderEvents: any OrderEventRepository
    let orderLists: any OrderListRepository
    let refunds: any RefundRepository
    let payments: any PaymentRepository
    let popular: any PopularRepository
    let baskets: any BasketRepository
    let idempotency: any IdempotencyRepository
    let clock: any ClockRepository
    let trace: any TraceRepository
    let figures: any FigureRepository
    let customers: any CustomerRepository
    let corrections: any BalanceCorrectionRepository
    let secondFactors: any SecondFactorRepository
    let pictures: any PictureRepository

    init(_ connection: Connection) {
        self.connection = connection
        accounts = SQLAccounts(sql: connection, changes: changes, tally: tally)
        balances = SQLBalances(sql: connection)
        products = SQLProducts(sql: connection, changes: changes, search: search)
        coupons = SQLCoupons(sql: connection, tally: tally)
        imports = SQLProductImports(sql: connection)
        orders = SQLOrders(sql: connection, tally: tally)
        orderEvents = SQLOrderEvents(sql: connection)
        orderLists = SQLOrderLists(sql: connection, orders: SQLOrders(sql: connection, tally: tally))
        refunds = SQLRefunds(sql: connection, tally: tally)
        payments = SQLPayments(sql: connection, tally: tally)
        popular = SQLPopular(sql: connection, changes: changes)
        baskets = SQLBaskets(sql: connection)
        idempotency = SQLIdempotency(sql: connection)
        clock = SQLClock(sql: connection)
        trace = SQLTrace(sql: connection)
        secondFactors = SQLSecondFactors(sql: connection)
        figures = SQLFigures(sql: connection)
        customers = SQLCustomers(sql: connection)
        corrections = SQLBalanceCorrections(sql: connection)
        pictures = SQLPictures(sql: connection, changes: changes)
    }

    /// A transaction begins.
    func begin() {
        changes.forget()
        tally.forget()
        search.forget()
    }

    /// A write has been done.
    func keep() {
        tally.keep()
        search.keep()
    }

    /// A write has been undone.
    func drop() {
        tally.drop()
        search.drop()
    }

    /// Writes what the transaction's writes have counted, and have changed of what is searched; nothing but the commit comes
    /// after it.
    ///
    /// - Parameter othersWait: whether other writes wait for this transaction, so that it leaves what can be done later.
    func finish(othersWait: () -> Bool) throws {
        let figures = SQLFigures(sql: connection)
        for sum in tally.sums { try figures.add(sum) }
        try search.write(connection, othersWait: othersWait)
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
