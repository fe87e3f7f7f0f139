import Foundation
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// Copies of a shop's database, and what verifies them.
struct DatabaseCopyTests {
    let shop: TestShop
    let copy: DatabaseCopy

    init() throws {
        shop = try TestShop()
        copy = DatabaseCopy(path: shop.folder("copy.db"))
        try Data().write(to: URL(fileURLWithPath: copy.path))
        let user = try shop.customer(balance: 50_000)
        let order = try shop.order([(try shop.product(), 3)], user)
        _ = try shop.pay(order.id, user)
    }

    private func spoil(_ sql: String) throws {
        try copy.make(of: shop.path)
        try Connection(path: copy.path, access: .readWrite, busyTimeoutMilliseconds: 0).execute(sql)
    }

    @Test func `a copy is verified, and is a single file`() throws {
        try copy.make(of: shop.path)
        let proof = try copy.prove()
        #expect(proof.schemaVersion == Migrations.current)
        #expect(proof.rules > 10)
        let beside = try FileManager.default.contentsOfDirectory(atPath: shop.folder.path).filter {
            $0.hasPrefix("copy.db")
        }
        #expect(beside == ["copy.db"])
    }

    @Test func `a shop opens a copy after it was made usable`() throws {
        try copy.make(of: shop.path)
        _ = try copy.prove()
        try copy.makeUsable()
        let store = try SQLiteStore(path: copy.path, options: .test, logger: .silent)
        defer { store.close() }
        let count = try store.read { tx in try tx.sql.rows(of: "SELECT count(*) FROM payments") }
        #expect(count == [["1"]])
    }

    @Test func `wrong books are reported`() throws {
        try spoil("UPDATE balances SET amount = amount + 1")
        let flaw = #expect(throws: DatabaseCopyError.self) { try copy.prove() }
        guard case .differences(let count, let first) = flaw else { return #expect(Bool(false), "\(flaw as Any)") }
        #expect(count >= 1)
        #expect(first.contains("balance"))
    }

    @Test func `a row that refers to nothing is reported`() throws {
        try spoil("PRAGMA foreign_keys = OFF; INSERT INTO popular_products (rank, product_id, sales) VALUES (1, 99, 1)")
        let flaw = #expect(throws: DatabaseCopyError.self) { try copy.prove() }
        #expect(flaw?.description.contains("popular_products") == true)
    }

    @Test func `an index that does not match its table is reported`() throws {
        try spoil(
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = 'CREATE INDEX products_price ON products (listed, stock, id)'
                WHERE name = 'products_price'
            """)
        #expect(throws: DatabaseCopyError.self) { try copy.prove() }
    }

    @Test func `a newer schema is refused`() throws {
        try spoil("PRAGMA user_version = 99")
        #expect(throws: MigrationError.newer(database: 99, program: Migrations.current)) { try copy.prove() }
    }

    @Test func `an empty database is not a shop`() throws {
        try Connection(path: copy.path, access: .create, busyTimeoutMilliseconds: 0).execute("CREATE TABLE t (x)")
        #expect(throws: DatabaseCopyError.noShop) { try copy.prove() }
    }

    @Test func `a file that is not a database counts as damaged`() throws {
        try Data(repeating: 65, count: 10_000).write(to: URL(fileURLWithPath: copy.path))
        #expect(throws: DatabaseCopyError.self) { try copy.prove() }
    }

    @Test func `a copy of an older schema is audited as if it were migrated, and stays as it is`() throws {
        let old = try Connection(path: copy.path, access: .create, busyTimeoutMilliseconds: 0)
        try old.execute("\(schema0001); PRAGMA user_version = 1")
        let schema = try old.rows(of: "SELECT name, sql FROM sqlite_schema")
        #expect(try copy.prove().schemaVersion == 1)
        #expect(try old.rows(of: "SELECT name, sql FROM sqlite_schema") == schema)
        try old.execute("INSERT INTO users VALUES (7, 'kim', 'kim', 'customer', '', NULL, 0)")
        #expect(throws: DatabaseCopyError.self, "a user without a balance") { try copy.prove() }
    }
}

/// The lock of those who use the database.
struct ShopLockTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `many share it, and nobody gets it alone meanwhile`() throws {
        let one = try ShopLock(folder: folder.path, .shared)
        let other = try ShopLock(folder: folder.path, .shared)
        withExtendedLifetime((one, other)) {
            let refusal = #expect(throws: ShopLockError.inUse(folder.path)) {
                try ShopLock(folder: folder.path, .alone)
            }
            #expect(refusal?.description.contains("stop it") == true)
        }
    }

    @Test func `an exclusive holder keeps the others out until it is released`() throws {
        do {
            let alone = try ShopLock(folder: folder.path, .alone)
            withExtendedLifetime(alone) {
                _ = #expect(throws: ShopLockError.beingReplaced(folder.path)) {
                    try ShopLock(folder: folder.path, .shared)
                }
            }
        }
        _ = try ShopLock(folder: folder.path, .shared)
    }

    @Test func `a missing folder is reported`() {
        #expect(throws: ShopLockError.self) { try ShopLock(folder: folder("no"), .shared) }
    }
}
