import Crypto
import Shop
import Web

/// A file of products as somebody has sent it. It is read twice, piece by piece: first to see whether it can be read at all,
/// so that nothing of a broken one is kept, and then row by row.
struct ProductFile {
    /// The SHA-256 of all of it.
    let hash: [UInt8]
    /// The names of the columns that say nothing to the shop.
    let ignored: [String]
    private let columns: [ProductColumn?]
    private let file: UploadedFile

    /// Throws `ShopError.productFileRefused` if it cannot be read.
    init(_ file: UploadedFile) throws {
        guard file.size <= ProductFileFlaw.mostBytes else { throw ShopError.productFileRefused(.tooLarge) }
        self.file = file
        var hasher = SHA256()
        var head: ProductFileHead?
        var rows = 0
        try Self.read(file, timesToRest: 3) { bytes in
            hasher.update(bufferPointer: bytes)
        } row: { row in
            if head == nil {
                head = try ProductFileHead(row)
            } else {
                rows += 1
                guard rows <= ProductImport.mostRows else {
                    throw ShopError.productFileRefused(.tooManyRows(ProductImport.mostRows))
                }
            }
        }
        guard let head, rows > 0 else { throw ShopError.productFileRefused(.empty) }
        hash = Array(hasher.finalize())
        columns = head.columns
        ignored = head.ignored
    }

    /// The rows below the first; empty ones are left out.
    func forEachRow(_ body: (ProductRow) throws -> Void) throws {
        var isHead = true
        // Whoever takes the rows sets the pace.
        try Self.read(file, timesToRest: 0, piece: { _ in }) { row in
            if !isHead { try body(ProductRow(row, columns)) }
            isHead = false
        }
    }

    private static func read(
        _ file: UploadedFile, timesToRest: Int, piece: (UnsafeRawBufferPointer) -> Void,
        row: (CSVReader.Row) throws -> Void
    ) throws {
        var reader = CSVReader()
        func take(_ read: CSVReader.Row) throws { if !read.isBlank { try row(read) } }
        do {
            try file.forEachPiece { bytes in
                try Pace.resting(timesToRest) {
                    piece(bytes)
                    try reader.read(bytes, take)
                }
            }
            try reader.finish(take)
        } catch let fault as CSVReader.Fault {
            throw ShopError.productFileRefused(ProductFileFlaw(fault))
        }
    }
}

extension ProductFileFlaw {
    fileprivate init(_ fault: CSVReader.Fault) {
        switch fault {
        case .encoding(let row): self = .encoding(row: row)
        case .tooLong(let row): self = .longRow(row)
        case .quotes(let row): self = .quotes(row: row)
        }
    }
}

/// What the columns of a file are, by its first row.
private struct ProductFileHead {
    /// nil for one that says nothing to the shop.
    let columns: [ProductColumn?]
    let ignored: [String]

    /// Of a name that is told, in characters.
    private static let longestName = 40

    init(_ row: CSVReader.Row) throws {
        let names = row.cells.map { cell in
            CSVText.original(cell).split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
        }
        columns = names.map { ProductColumn(rawValue: $0) }
        ignored = zip(names, columns).filter { $0.1 == nil && !$0.0.isEmpty }.map {
            String($0.0.prefix(Self.longestName))
        }
        for column in ProductColumn.allCases where columns.filter({ $0 == column }).count > 1 {
            throw ShopError.productFileRefused(.repeatedColumn(column.rawValue))
        }
        guard columns.contains(.id) || columns.contains(.sku) else { throw ShopError.productFileRefused(.noKey) }
    }
}

extension ProductRow {
    /// Reads the cells, and collects what is wrong with them.
    fileprivate init(_ row: CSVReader.Row, _ columns: [ProductColumn?]) {
        self.init(number: row.number)
        guard row.cells.count >= columns.count, row.cells.dropFirst(columns.count).allSatisfy(\.isEmpty) else {
            problems.append(RowProblem(nil, .cells, Int64(columns.count)))
            return
        }
        for (column, cell) in zip(columns, row.cells) {
            if let column { read(column, CSVText.original(cell).trimmed) }
        }
        if sku == .some(nil), id == nil { sku = nil }
    }

    private mutating func read(_ column: ProductColumn, _ text: String) {
        switch column {
        case .id: id = number(column, text, in: ProductID.range).map { ProductID($0) }
        case .sku:
            writtenSKU = text
            sku = text.isEmpty ? .some(nil) : SKU(text).map { .some($0) }
            if sku == nil {
                refuse(column, text.unicodeScalars.count > SKU.length.upperBound ? .long : .characters, SKU.length)
            }
        case .name:
            writtenName = text
            name = self.text(column, text, Product.nameLength)
        case .description: description = self.text(column, text, Product.descriptionLength)
        case .price:
            let range = Product.priceRange
            if text.isEmpty {
                problems.append(RowProblem(column, .missing))
            } else {
                price = number(column, text, in: range.lowerBound.amount...range.upperBound.amount).map { Won($0) }
            }
        case .stock: stock = number(column, text, in: Product.stockRange)
        // A refund may have taken it above what the staff may supply.
        case .stockBefore: stockBefore = number(column, text, in: 0 ... .max)
        case .lowStock:
            lowStock =
                text.isEmpty ? .some(nil) : number(column, text, in: ManagedProduct.lowStockRange).map { .some($0) }
        case .listed: isListed = flag(column, text)
        case .version: version = number(column, text, in: 1 ... .max)
        case .picture, .views, .createdAt: break
        }
    }

    private mutating func text(_ column: ProductColumn, _ text: String, _ length: ClosedRange<Int>) -> String? {
        if text.isEmpty, length.lowerBound > 0 {
            problems.append(RowProblem(column, .missing))
        } else if text.unicodeScalars.count > length.upperBound {
            refuse(column, .long, length)
        } else {
            return text.utf8.contains(0x0d) ? text.replacing("\r\n", with: "\n") : text
        }
        return nil
    }

    /// A whole number as people type it; nil for none, too.
    private mutating func number(_ column: ProductColumn, _ text: String, in range: ClosedRange<Int64>) -> Int64? {
        if text.isEmpty { return nil }
        guard let number = TypedNumber(text)?.value else {
            problems.append(RowProblem(column, .noNumber))
            return nil
        }
        if number < range.lowerBound { problems.append(RowProblem(column, .below, range.lowerBound)) }
        if number > range.upperBound { problems.append(RowProblem(column, .above, range.upperBound)) }
        return range.contains(number) ? number : nil
    }

    private mutating func flag(_ column: ProductColumn, _ text: String) -> Bool? {
        switch text.lowercased() {
        case "": return nil
        case "true", "1", "yes": return true
        case "false", "0", "no": return false
        default:
            problems.append(RowProblem(column, .noFlag))
            return nil
        }
    }

    private mutating func refuse(_ column: ProductColumn, _ kind: RowProblem.Kind, _ length: ClosedRange<Int>) {
        problems.append(RowProblem(column, kind, kind == .long ? Int64(length.upperBound) : nil))
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
