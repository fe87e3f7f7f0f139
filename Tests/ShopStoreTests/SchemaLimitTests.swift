import Shop
import ShopTestSupport
import Testing

/// The numbers in the schema's CHECKs are the domain's.
struct SchemaLimitTests {
    /// For each CHECK with a number of its own, the table and the text that the domain's limits give.
    private static let expected: Set<String> = [
        "users: length(login) \(between(SignUp.loginLength))",
        "sessions: length(token_hash) = \(Token.random().hash.bytes.count)",
        "sessions: length(device) <= \(LogInOrigin.nameLength.upperBound)",
        "products: price \(between(Product.priceRange))",
        "products: length(name) \(between(Product.nameLength))",
        "products: length(description) <= \(Product.descriptionLength.upperBound)",
        "products: length(picture) \(between(Product.pictureLength))",
        """
        products: length(sku) \(between(SKU.length)) AND sku GLOB '[A-Za-z0-9]*' AND sku NOT GLOB '*[^-A-Za-z0-9._/]*'
        """,
        "products: low_stock \(between(ManagedProduct.lowStockRange))",
        "coupon_minutes: minute BETWEEN \(Coupon.countedMinutes.lowerBound) AND \(Coupon.countedMinutes.upperBound - 1)",
        "coupons: length(name) \(between(Coupon.nameLength))",
        "coupons: valid_days \(between(Coupon.validDaysRange))",
        "coupons: percent \(between(Discount.percentRange))",
        "customer_basket_lines: quantity \(between(BasketLine.quantityRange))",
        "visitor_basket_lines: quantity \(between(BasketLine.quantityRange))",
        "visitor_baskets: length(token_hash) = \(Token.random().hash.bytes.count)",
        "idempotency_keys: length(key) \(between(IdempotencyKey.length))",
        "idempotency_keys: length(fingerprint) = \(IdempotencyKey.fingerprintBytes)",
        "idempotency_keys: status \(between(Receipt.codeRange))",
        "second_factors: length(secret) = \(TOTP.secretBytes)",
        "begun_second_factors: length(secret) = \(TOTP.secretBytes)",
        // As long as a SHA-256.
        "recovery_codes: length(hash) = 32",
        "pictures: length(hash) = \(PictureHash.byteCount)",
        "pictures: width \(between(Picture.widthRange))",
        "pictures: height \(between(Picture.heightRange))",
        "product_pictures: position \(between(1...ProductPicture.most))",
        "product_pictures: length(text) \(between(ProductPicture.textLength))",
        "stock_movements: length(login) \(between(Staff.nameLength))",
        "product_imports: length(login) \(between(Staff.nameLength))",
        // As long as a SHA-256.
        "product_imports: length(hash) = 32",
        "product_import_rows: length(sku) <= \(CheckedRow.shownLength)",
        "product_import_rows: length(name) <= \(CheckedRow.shownLength)",
        "product_import_changes: length(before) <= \(CheckedRow.shownLength)",
        "order_events: length(login) \(between(Staff.nameLength))",
        "order_events: length(note) \(between(OrderEvent.noteLength))",
        "refunds: length(login) \(between(Staff.nameLength))",
        "corrections: length(asked_login) \(between(Staff.nameLength))",
        "corrections: length(decided_login) \(between(Staff.nameLength))",
        "corrections: length(reason) \(between(BalanceCorrection.reasonLength))",
        "trace: length(login) \(between(Staff.nameLength))",
        "trace: length(hash) = \(TraceEntry.firstHash.count)",
        // As long as a SHA-256.
        "secrets: length(value) >= 32",
    ]

    private static func between(_ range: ClosedRange<Int>) -> String {
        "BETWEEN \(range.lowerBound) AND \(range.upperBound)"
    }

    private static func between(_ range: ClosedRange<Int64>) -> String {
        "BETWEEN \(range.lowerBound) AND \(range.upperBound)"
    }

    private static func between(_ range: ClosedRange<Won>) -> String {
        "BETWEEN \(range.lowerBound.amount) AND \(range.upperBound.amount)"
    }

    @Test func `every number in a CHECK is a limit of the domain, and the other way round`() throws {
        let shop = try TestShop()
        let tables = try shop.connection().rows(of: "SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
        let checks = tables.flatMap { table in Self.checks(in: table[1]).map { "\(table[0]): \($0)" } }
        #expect(checks.count > 40)
        // 0 and 1 mean none and yes, and a table's only row.
        let numbered = checks.filter { $0.contains(/\b([2-9]|[1-9]\d+)\b/) }
        #expect(Set(numbered) == Self.expected)
    }

    @Test func `a browser's name is cut to the length that is kept`() {
        let name = String(repeating: "가", count: 101)
        let origin = LogInOrigin.browser("192.0.2.1", name: name, device: nil)
        #expect(origin.name?.unicodeScalars.count == LogInOrigin.nameLength.upperBound)
    }

    /// The text in the parentheses after each CHECK.
    private static func checks(in sql: String) -> [String] {
        var found: [String] = []
        var rest = sql[...]
        while let start = rest.firstRange(of: "CHECK (") {
            var depth = 1
            let end = rest[start.upperBound...].firstIndex { character in
                if character == "(" { depth += 1 } else if character == ")" { depth -= 1 }
                return depth == 0
            }
            guard let end else { break }
            found.append(String(rest[start.upperBound..<end]))
            rest = rest[end...]
        }
        return found
    }
}
