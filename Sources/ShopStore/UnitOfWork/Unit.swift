import SQLite
import Shop

/// The repositories over one connection.
final class Unit: Repositories {
    let connection: Connection
    let catalogue = CatalogueMark()
    let accounts: any AccountRepository
    let balances: any BalanceRepository
    let products: any ProductRepository
    let coupons: any CouponRepository
    let orders: any OrderRepository
    let payments: any PaymentRepository
    let popular: any PopularRepository
    let idempotency: any IdempotencyRepository

    init(_ connection: Connection) {
        self.connection = connection
        accounts = SQLAccounts(sql: connection)
        balances = SQLBalances(sql: connection)
        products = SQLProducts(sql: connection, catalogue: catalogue)
        coupons = SQLCoupons(sql: connection)
        orders = SQLOrders(sql: connection)
        payments = SQLPayments(sql: connection)
        popular = SQLPopular(sql: connection, catalogue: catalogue)
        idempotency = SQLIdempotency(sql: connection)
    }
}

/// Whether the running transaction has changed anything that the product lists show.
final class CatalogueMark {
    var hasChanged = false
}
