public typealias ProductImportID = ID<ProductImport>

/// A file of products that was given in and checked: what each row of it would do, and how much of that is done.
public struct ProductImport: Sendable, Equatable {
    /// Of a file, below the first.
    public static let mostRows = 20_000
    /// How long a checked file is kept.
    public static let lifetime = Timestamp.Span.days(30)

    public let id: ProductImportID
    /// Who gave it in.
    public let login: String
    public let at: Timestamp
    /// The columns that say nothing to the shop.
    public let ignored: [String]
    public let rows: RowCounts
    /// Whether the same file, given in another time, was applied, so that its stocks are not changed a second time.
    public let isRepeated: Bool

    public init(
        id: ProductImportID, login: String, at: Timestamp, ignored: [String], rows: RowCounts, isRepeated: Bool
    ) {
        self.id = id
        self.login = login
        self.at = at
        self.ignored = ignored
        self.rows = rows
        self.isRepeated = isRepeated
    }

    /// How many rows there are of each kind, and what became of them.
    public struct RowCounts: Sendable, Equatable {
        /// They add a product.
        public var add: Int64 = 0
        /// They change one.
        public var change: Int64 = 0
        /// They say what the product says already.
        public var same: Int64 = 0
        /// They cannot be applied.
        public var wrong: Int64 = 0
        /// Still to be applied.
        public var open: Int64 = 0
        /// Applied.
        public var done: Int64 = 0
        /// They could not be applied any more.
        public var refused: Int64 = 0

        public init() {}

        /// All rows of the file.
        public var all: Int64 { add + change + same + wrong }

        /// Counts a row that was checked.
        mutating func add(_ row: CheckedRow) {
            switch row.kind {
            case .add: add += 1
            case .change: change += 1
            case .same: same += 1
            case .wrong: wrong += 1
            }
            if row.state == .open { open += 1 }
        }
    }
}

/// A row of a file of products, checked.
public struct CheckedRow: Sendable, Equatable {
    /// What it would do.
    public enum Kind: String, Sendable, CaseIterable {
        case add, change, same, wrong
    }

    /// What became of a row that does something.
    public enum State: String, Sendable, CaseIterable {
        case open, done, refused
    }

    public let number: Int
    public let kind: Kind
    /// nil for a row that does nothing.
    public let state: State?
    /// nil if there is none yet, or none is meant.
    public let product: ProductID?
    /// The version of the product that was checked.
    public let version: Int64?
    /// By which people find the row.
    public let sku: String
    public let name: String
    /// What would be another afterwards, in the form of the trace. The stock is changed by the difference.
    public let changes: [TraceChange]
    public let problems: [RowProblem]
    /// Whether the same file, given in another time, has changed the stock since this row was checked.
    public let isStockCounted: Bool

    /// Of the texts that are kept only to be shown, in characters.
    public static let shownLength = 200

    public init(
        number: Int, kind: Kind, state: State?, product: ProductID?, version: Int64?, sku: String, name: String,
        changes: [TraceChange], problems: [RowProblem], isStockCounted: Bool = false
    ) {
        self.number = number
        self.kind = kind
        self.state = state
        self.product = product
        self.version = version
        self.sku = sku
        self.name = name
        self.changes = changes
        self.problems = problems
        self.isStockCounted = isStockCounted
    }
}

/// Which rows of a checked file.
public enum CheckedRowFilter: String, Sendable, CaseIterable {
    case all, add, change, same, wrong, refused

    /// nil for rows of any kind.
    public var kind: CheckedRow.Kind? {
        switch self {
        case .all, .refused: nil
        case .add: .add
        case .change: .change
        case .same: .same
        case .wrong: .wrong
        }
    }
}

/// What became of a row.
public struct SettledRow: Sendable {
    public let number: Int
    /// What was added or changed; nil if there is none.
    public let product: ProductID?
    /// Why it was refused; nil if it is done.
    public let problem: RowProblem?
}

public protocol ProductImportRepository {
    /// Begins the record of a file, which nobody finds before it is finished.
    ///
    /// - Parameter hash: of the file, SHA-256.
    func begin(hash: [UInt8], ignored: [String], by login: String, at time: Timestamp) throws -> ProductImportID
    func add(_ rows: [CheckedRow], to id: ProductImportID) throws
    /// - Parameter counts: of all rows that were added.
    func finish(_ id: ProductImportID, _ counts: ProductImport.RowCounts) throws
    func find(_ id: ProductImportID) throws -> ProductImport?
    /// The newest first, behind one, of those that are finished.
    func list(before: ProductImportID?, limit: Int) throws -> ListPage<ProductImport>
    /// In the order of the file, behind the row of this number.
    func rows(of id: ProductImportID, _ filter: CheckedRowFilter, after number: Int, limit: Int) throws
        -> ListPage<CheckedRow>
    /// The first rows that are to be applied, each with whether its stock was changed by the same file meanwhile.
    func open(of id: ProductImportID, limit: Int) throws -> [CheckedRow]
    /// Whether the stock of this row of a file was changed already, by whoever gave the same file in.
    func hasChangedStock(of number: Int, in hash: [UInt8]) throws -> Bool
    /// Notes what became of rows that were open.
    func settle(_ rows: [SettledRow], of id: ProductImportID) throws
    /// Deletes at most `limit` rows of what was given in before this time; returns how many.
    func forget(before time: Timestamp, limit: Int) throws -> Int
}
