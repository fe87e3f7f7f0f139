/// The columns of a file of products. Files are written with all of them, and read with any that have one of the two by which a
/// product is found.
public enum ProductColumn: String, Sendable, CaseIterable {
    case id, sku, name, price, stock
    /// The stock when the file was written, so that the file can be given back with another stock: the difference is what
    /// is changed, whatever was sold meanwhile.
    case stockBefore = "stock_before"
    case lowStock = "low_stock"
    case listed, description, picture, views
    case createdAt = "created_at"
    case version
}

/// What a row of a file says of a product; nil where the file leaves it as it is.
public struct ProductRow: Sendable {
    /// Where it is in the file, as spreadsheets count.
    public let number: Int
    public var id: ProductID?
    /// `.some(nil)` for none.
    public var sku: SKU??
    public var name: String?
    public var price: Won?
    public var stock: Int64?
    public var stockBefore: Int64?
    /// `.some(nil)` for none.
    public var lowStock: Int64??
    public var isListed: Bool?
    public var description: String?
    /// The version of the product that the row was made of.
    public var version: Int64?
    /// The SKU and the name as they are written there, for people to find the row by.
    public var writtenSKU = ""
    public var writtenName = ""
    /// What is wrong with its cells.
    public var problems: [RowProblem] = []

    public init(number: Int) { self.number = number }
}

/// Something that is wrong with a row of a file of products.
public struct RowProblem: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case missing
        case noNumber = "no-number"
        /// The number says of what.
        case below, above
        /// Longer than so many characters.
        case long
        case characters
        /// Neither yes nor no.
        case noFlag = "no-flag"
        /// Fewer cells than there are columns, or more.
        case cells
        /// The product is in an earlier row already, of this number.
        case repeated
        case noProduct = "no-product"
        /// Neither number nor SKU says which product is meant, or what a new one is to be found by.
        case noKey = "no-key"
        /// The product of this number has the SKU.
        case taken
        /// It is the SKU without the zeros that it begins with, as spreadsheets write it.
        case zeros
        /// Somebody has edited the product since: it has this version now.
        case edited
        /// There are only so many.
        case short
        /// There would be more than so many.
        case full
    }

    /// nil for the row as a whole.
    public let column: ProductColumn?
    public let kind: Kind
    public let number: Int64?

    public init(_ column: ProductColumn?, _ kind: Kind, _ number: Int64? = nil) {
        self.column = column
        self.kind = kind
        self.number = number
    }
}

/// Why a file of products cannot be read at all.
public enum ProductFileFlaw: Error, Sendable, Equatable {
    /// In bytes.
    public static let mostBytes = 10 * 1024 * 1024

    case tooLarge
    /// It has no rows below the first.
    case empty
    /// It has more rows than this.
    case tooManyRows(Int)
    /// No column says which product is meant.
    case noKey
    /// Two columns have this name.
    case repeatedColumn(String)
    /// From this row on it is not UTF-8.
    case encoding(row: Int)
    case longRow(Int)
    /// In this row, a quote is missing.
    case quotes(row: Int)
}
