/// The text of a statement: a literal, in which nothing but a record's columns can be interpolated.
///
///     sql.first("SELECT \(Product.Column.self) FROM products WHERE id = ?", id.value, read: Product.init)
///
/// The literal's address identifies the statement, so a connection finds the prepared one without looking at the text,
/// which is assembled only when it is prepared.
@frozen
public struct Statement: ExpressibleByStringInterpolation, CustomStringConvertible, Sendable {
    @usableFromInline let head: StaticString
    @usableFromInline let columns: (any ColumnList.Type)?
    @usableFromInline let tail: StaticString

    @inlinable
    public init(stringLiteral literal: StaticString) {
        head = ""
        columns = nil
        tail = literal
    }

    @inlinable
    public init(stringInterpolation parts: StringInterpolation) {
        head = parts.head
        columns = parts.columns
        tail = parts.tail
    }

    /// The statement as passed to SQLite.
    public var description: String { "\(head)\(columns?.sql ?? "")\(tail)" }

    /// The parts of a statement's literal: the text before the columns, the columns, the text after them.
    @frozen
    public struct StringInterpolation: StringInterpolationProtocol {
        @usableFromInline var head: StaticString = ""
        @usableFromInline var columns: (any ColumnList.Type)?
        @usableFromInline var tail: StaticString = ""

        @inlinable
        public init(literalCapacity: Int, interpolationCount: Int) {
            precondition(interpolationCount <= 1, "a statement reads one record")
        }

        @inlinable
        public mutating func appendLiteral(_ literal: StaticString) {
            if columns == nil { head = literal } else { tail = literal }
        }

        /// Interpolates the record's columns, as the statement's SELECT lists them.
        @inlinable
        public mutating func appendInterpolation(_ columns: any ColumnList.Type) {
            self.columns = columns
        }
    }
}

extension Statement: Hashable {
    public static func == (one: Self, other: Self) -> Bool {
        one.tail.utf8Start == other.tail.utf8Start && one.head.utf8Start == other.head.utf8Start
            && one.columns.map { ObjectIdentifier($0) } == other.columns.map { ObjectIdentifier($0) }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(tail.utf8Start) }
}

/// The columns that a record is read from, in the order in which its statements select them: an enumeration with a case
/// per column, named after it (`createdAt` for `created_at`) and numbered from 0.
///
///     enum Column: Int32, ColumnList {
///         case id, price, createdAt
///         var table: String { "products" }
///     }
public protocol ColumnList: CaseIterable, RawRepresentable, Sendable where RawValue == Int32 {
    /// The table's name in the statements.
    var table: String { get }

    /// As a SELECT lists them.
    static var sql: String { get }
}

extension ColumnList {
    public static var sql: String {
        allCases.map { "\($0.table).\(snakeCase("\($0)"))" }.joined(separator: ", ")
    }

    /// The number of columns, and so the index of the first one that a statement selects after them.
    public static var count: Int32 { Int32(allCases.count) }

    private static func snakeCase(_ name: String) -> String {
        var words = ""
        var last: Character = "_"
        for letter in name {
            if letter.isUppercase, !last.isUppercase { words.append("_") }
            words.append(contentsOf: letter.lowercased())
            last = letter
        }
        return words
    }
}
