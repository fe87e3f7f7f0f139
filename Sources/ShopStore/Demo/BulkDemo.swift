import Glibc
import SQLite
import Shop

/// Bulk test data, straight into the tables: a million users take seconds; the services would need an hour.
public struct BulkDemo: Sendable {
    public var users = 0
    public var products = 0
    /// How many of the one coupon are made; none for 0.
    public var couponQuantity = 0
    /// The balance of each new user, with the entry it comes from.
    public var balance = Won.zero
    /// How many orders are made, by all customers in turn.
    public var orders = 0
    /// Over how many days until now.
    public var orderDays = 365
    /// How long those wait for their payment.
    public var orderLifetime = Policy().orderLifetime

    public init() {}

    private static let stock: Int64 = 1_000_000
    private static let couponDays: Int64 = 30
    /// Products whose texts are kept until the search index takes them.
    private static let productsPerPiece = 1_000
    private static let sessionDays: Int64 = 30

    /// Makes the data in one transaction. `token` is called with a token for each new user, in order of their ids.
    public func fill(path: String, clock: ShopClock, token: ((Token) throws -> Void)?) throws {
        let sql = try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 5_000)
        try Migrations.check(sql)
        try sql.execute("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -524288; PRAGMA wal_autocheckpoint = 0;")
        let now = clock.now()
        try sql.execute("BEGIN IMMEDIATE")
        if users > 0 {
            let first = try addUsers(sql, now)
            if let token { try addSessions(sql, from: first, now, token) }
        }
        if products > 0 { try addProducts(sql, now) }
        if couponQuantity > 0 { try addCoupon(sql, now) }
        if orders > 0 {
            try BulkOrders(
                sql: sql, now: now, span: .days(Int64(orderDays)), lifetime: orderLifetime
            ).add(orders)
        }
        try sql.execute(schema0005FiguresAnew.description)
        // No ANALYZE: plans made for small tables would scan them once they have grown.
        try sql.execute("COMMIT")
        try sql.checkpoint(.truncate)
    }

    /// Returns the id of the first.
    private func addUsers(_ sql: Connection, _ now: Timestamp) throws -> Int64 {
        let last = try sql.first("SELECT coalesce(max(id), 0) FROM users") { $0.int64(0) } ?? 0
        // Without passwords: they use tokens, or never log in.
        try sql.run(
            """
            WITH RECURSIVE n (id) AS (SELECT ?1 + 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?1 + ?2)
            INSERT INTO users (id, login, login_key, role, name, password_hash, created_at)
            SELECT id, printf('user%09d', id), printf('user%09d', id), 'customer', '손님 ' || id, NULL, ?3 FROM n
            """, last, users, now.milliseconds)
        try sql.run(
            "INSERT INTO balances (user_id, amount, entries) SELECT id, ?, ? FROM users WHERE id > ?", balance.amount,
            balance > .zero ? 1 : 0, last)
        if balance > .zero {
            try sql.run(
                """
                INSERT INTO balance_entries (user_id, id, kind, amount, balance, order_id, created_at)
                SELECT id, 1, 'charge', ?1, ?1, NULL, ?2 FROM users WHERE id > ?3 ORDER BY id
                """, balance.amount, now.milliseconds, last)
        }
        return last + 1
    }

    private func addSessions(
        _ sql: Connection, from first: Int64, _ now: Timestamp, _ token: (Token) throws -> Void
    ) throws {
        var sessions: [(hash: TokenHash, user: Int64)] = []
        sessions.reserveCapacity(users)
        for user in first..<first + Int64(users) {
            let made = Token.random()
            try token(made)
            sessions.append((made.hash, user))
        }
        // In the order of the key, so that each page of the table is written only once.
        sessions.sort { $0.hash.bytes.lexicographicallyPrecedes($1.hash.bytes) }
        let expiresAt = now + .days(Self.sessionDays)
        for (hash, user) in sessions {
            try sql.run(
                """
                INSERT INTO sessions (token_hash, user_id, role, created_at, last_used_at, expires_at)
                VALUES (?, ?, 'customer', ?, ?, ?)
                """, hash.bytes, user, now.milliseconds, now.milliseconds, expiresAt.milliseconds)
        }
    }

    private func addProducts(_ sql: Connection, _ now: Timestamp) throws {
        let search = SearchChanges()
        let repository = SQLProducts(sql: sql, changes: Changes(), search: search)
        for number in 1...products {
            let draft = ProductDraft(
                name: BulkWords.name(number), description: BulkWords.description(number),
                price: Won(Int64(1_000 + number * 7_919 % 90 * 100)), stock: Self.stock)
            _ = try repository.add(draft, by: nil, at: now)
            search.keep()
            if number.isMultiple(of: Self.productsPerPiece) || number == products {
                try search.write(sql)
                search.forget()
            }
        }
    }

    private func addCoupon(_ sql: Connection, _ now: Timestamp) throws {
        let repository = SQLCoupons(sql: sql, tally: FigureTally())
        _ = try repository.add(
            CouponDraft(
                name: "선착순 할인", discount: .fixed(Won(1_000)), minimumOrderAmount: .zero,
                quantity: Int64(couponQuantity), opensAt: now, closesAt: now + .days(Self.couponDays),
                validDays: Self.couponDays),
            at: now)
    }
}

/// Names whose words vary like a catalogue's, so that a search finds few, some or many.
private enum BulkWords {
    private static let qualities = ["햇살", "바른", "오늘의", "산지직송", "프리미엄", "무농약", "국내산", "손으로 빚은", "우리집", "장터"]
    private static let kinds = [
        "사과", "배", "감귤", "한라봉", "고구마", "감자", "쌀", "현미", "김치", "깍두기", "된장", "고추장", "간장", "참기름", "들기름", "멸치", "김", "미역",
        "한우",
        "삼겹살", "고등어", "오징어", "두부", "달걀", "식혜", "수정과", "떡국떡", "만두", "유자차", "꿀",
    ]

    static func name(_ number: Int) -> String {
        "\(qualities[number / kinds.count % qualities.count]) \(kinds[number % kinds.count]) \(number)호"
    }

    static func description(_ number: Int) -> String {
        "\(kinds[number % kinds.count]), \(number % 9 + 1)kg. 정성껏 고른 상품입니다."
    }
}
