import SQLite
import ShopTestSupport
import TestSupport
import Testing

/// Statements: what goes in comes out, and none is left halfway.
struct StatementTests {
    let folder: TemporaryFolder
    let sql: Connection

    init() throws {
        folder = try TemporaryFolder()
        sql = try Connection(path: folder("test.db"), access: .create, busyTimeoutMilliseconds: 1_000)
        try sql.execute(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT;
            INSERT INTO numbers VALUES (1), (2), (3);
            CREATE TABLE things (id INTEGER PRIMARY KEY, value ANY) STRICT
            """)
    }

    /// A checkpoint that reaches the end of the WAL and truncates it proves that no snapshot is held.
    private func noStatementHoldsASnapshot() throws -> Bool {
        let other = try Connection(path: sql.path, access: .readWrite, busyTimeoutMilliseconds: 0)
        try other.execute("INSERT INTO things (value) VALUES ('newer')")
        let (frames, copied) = try other.checkpoint(.truncate)
        return frames == copied
    }

    @Test func `a statement read to its end holds no snapshot`() throws {
        #expect(try sql.all("SELECT number FROM numbers") { $0.int64(0) } == [1, 2, 3])
        #expect(try noStatementHoldsASnapshot())
    }

    @Test func `the first row alone holds no snapshot`() throws {
        #expect(try sql.first("SELECT number FROM numbers ORDER BY number") { $0.int64(0) } == 1)
        #expect(try noStatementHoldsASnapshot())
    }

    @Test func `a reader that throws in the middle holds no snapshot`() throws {
        struct Enough: Error {}
        #expect(throws: Enough.self) { try sql.forEach("SELECT number FROM numbers") { _ in throw Enough() } }
        #expect(try noStatementHoldsASnapshot())
    }

    @Test func `a reader that stops early holds no snapshot`() throws {
        var seen: [Int64] = []
        try sql.forEachUntil("SELECT number FROM numbers ORDER BY number") { row in
            seen.append(row.int64(0))
            return seen.count < 2
        }
        #expect(seen == [1, 2])
        #expect(try noStatementHoldsASnapshot())
    }

    @Test func `a statement in the middle of its rows does hold one, so the check above can fail`() throws {
        var isFree: [Bool] = []
        try sql.forEach("SELECT number FROM numbers") { _ in isFree.append(try noStatementHoldsASnapshot()) }
        #expect(isFree == [false, false, false])
    }

    @Test func `a statement that failed can be run again`() throws {
        func insert(_ number: Int64) throws { try sql.run("INSERT INTO numbers VALUES (?)", number) }
        #expect(throws: SQLiteError.self) { try insert(3) }
        try insert(4)
        #expect(try sql.all("SELECT number FROM numbers") { $0.int64(0) } == [1, 2, 3, 4])
        #expect(try noStatementHoldsASnapshot())
    }

    @Test func `the first of no rows is nil`() throws {
        #expect(try sql.first("SELECT number FROM numbers WHERE number > ?", 9) { $0.int64(0) } == nil)
    }

    @Test func `a change says how many rows it changed`() throws {
        func add(_ to: Int64) throws -> Int {
            try sql.change("UPDATE numbers SET number = number + 10 WHERE number >= ?", to)
        }
        #expect(try add(2) == 2)
        #expect(try add(100) == 0)
        #expect(sql.totalChanges == 5)
    }

    // MARK: Binding

    private func stored(_ value: any Bindable) throws -> (type: String, hex: String) {
        try #require(
            try sql.first(
                "INSERT INTO things (value) VALUES (?) RETURNING typeof(value), hex(value)", value
            ) { ($0.text(0), $0.text(1)) })
    }

    @Test func `an empty text is text, not NULL`() throws {
        #expect(try stored("") == ("text", ""))
        #expect(try stored(String("abc".dropFirst(3))) == ("text", ""))
    }

    @Test func `an empty blob is a blob, not NULL`() throws {
        #expect(try stored([UInt8]()) == ("blob", ""))
    }

    @Test func `nil is NULL and a wrapped value is the value`() throws {
        #expect(try stored(String?.none) == ("null", ""))
        #expect(try stored(Int64?.none) == ("null", ""))
        #expect(try stored(String?.some("가")) == ("text", "EAB080"))
    }

    @Test func `numbers reach the ends of their range`() throws {
        for number in [Int64.min, -1, 0, 1, .max] {
            let echo = try #require(try sql.first("SELECT ?, typeof(?1)", number) { ($0.int64(0), $0.text(1)) })
            #expect(echo == (number, "integer"))
        }
        #expect(try stored(true) == ("integer", "31"))
        #expect(try stored(false) == ("integer", "30"))
    }

    @Test(arguments: ["a\0b", "\0", "장터 🛒", "e\u{301}", String(repeating: "긴", count: 100_000)])
    func `text comes out as it went in`(_ text: String) throws {
        let read = try #require(try sql.first("SELECT ?", text) { $0.text(0) })
        #expect(Array(read.utf8) == Array(text.utf8))
    }

    @Test func `bytes come out as they went in`() throws {
        let bytes = (0...255).map { UInt8($0) }
        #expect(try sql.first("SELECT ?", bytes) { $0.bytes(0) } == bytes)
    }

    @Test func `NULL reads as nothing of each kind`() throws {
        #expect(try sql.first("SELECT NULL") { $0.isNull(0) } == true)
        #expect(try sql.first("SELECT NULL") { $0.int64(0) } == 0)
        #expect(try sql.first("SELECT NULL") { $0.optionalInt64(0) } == .some(nil))
        #expect(try sql.first("SELECT NULL") { $0.text(0) } == "")
        #expect(try sql.first("SELECT NULL") { $0.bytes(0) } == [])
    }

    @Test func `a value left out the second time does not keep that of the first`() throws {
        func echo(_ value: Int64?) throws -> Bool? { try sql.first("SELECT ?", value) { $0.isNull(0) } }
        #expect(try echo(1) == false)
        #expect(try echo(nil) == true)
    }

    @Test func `more values than parameters is an error`() {
        #expect(throws: SQLiteError.self) { try sql.run("SELECT ?", 1, 2) }
    }

    // MARK: Columns

    private enum Number: Int32, ColumnList {
        case number
        var table: String { "numbers" }
    }

    private enum Thing: Int32, ColumnList {
        case id, firstSeenAt, orderID
        var table: String { self == .id ? "things" : "t" }
    }

    @Test func `a record's columns are listed by their tables and names`() {
        #expect(Thing.sql == "things.id, t.first_seen_at, t.order_id")
        #expect(Thing.count == 3)
        let statement: Statement = "SELECT \(Thing.self), 1 FROM things AS t"
        #expect(statement.description == "SELECT things.id, t.first_seen_at, t.order_id, 1 FROM things AS t")
    }

    @Test func `a statement with columns is prepared once`() throws {
        func numbers() throws -> [Int64] {
            try sql.all("SELECT \(Number.self) FROM numbers") { $0.int64(Number.number.rawValue) }
        }
        #expect(try numbers() == [1, 2, 3])
        #expect(try numbers() == [1, 2, 3])
        #expect(sql.preparedSQL == ["SELECT numbers.number FROM numbers"])
    }

    @Test func `two records out of the same text are two statements`() throws {
        enum Square: Int32, ColumnList {
            case value
            var table: String { "numbers" }
            static var sql: String { "numbers.number * numbers.number" }
        }
        func read(_ statement: Statement) throws -> [Int64] { try sql.all(statement) { $0.int64(0) } }
        #expect(try read("SELECT \(Number.self) FROM numbers") == [1, 2, 3])
        #expect(try read("SELECT \(Square.self) FROM numbers") == [1, 4, 9])
    }

    @Test func `an unknown column is an error`() {
        #expect(throws: SQLiteError.self) { try sql.all("SELECT \(Thing.self) FROM things AS t") { $0.int64(0) } }
    }
}
