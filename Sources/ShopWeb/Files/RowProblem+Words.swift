import Shop
import Web

extension RowProblem {
    /// What is wrong, without the column.
    var phrase: Phrase {
        let number = number ?? 0
        return switch kind {
        case .missing: Phrase(.rowMissing)
        case .noNumber: Phrase(.rowNoNumber)
        case .below: Phrase(.rowBelow, ["number": .number(number)])
        case .above: Phrase(.rowAbove, ["number": .number(number)])
        case .long: Phrase(.rowLong, ["number": .number(number)])
        case .characters: Phrase(.rowCharacters)
        case .noFlag: Phrase(.rowNoFlag)
        case .cells: Phrase(.rowCells, ["number": .number(number)])
        case .repeated: Phrase(.rowRepeated, ["number": .number(number)])
        case .noProduct: Phrase(.rowNoProduct, ["number": .text(String(number))])
        case .noKey: Phrase(.rowNoKey)
        case .taken: Phrase(.rowTaken, ["number": .text(String(number))])
        case .zeros: Phrase(.rowZeros)
        case .edited: Phrase(.rowEdited, ["number": .text(String(number))])
        case .short: Phrase(.rowShort, ["number": .number(number)])
        case .full: Phrase(.rowFull, ["number": .number(number)])
        }
    }

    /// The same, with the column before it.
    func text(in words: Words) -> String {
        let text = words(phrase)
        return column.map { "\($0.rawValue): \(text)" } ?? text
    }
}

extension ProductFileFlaw {
    /// How the flaw is told.
    var phrase: Phrase {
        switch self {
        case .tooLarge: Phrase(.fileTooLarge, ["most": .number(Int64(Self.mostBytes >> 20))])
        case .empty: Phrase(.fileEmpty)
        case .tooManyRows(let most): Phrase(.fileTooManyRows, ["most": .number(Int64(most))])
        case .noKey: Phrase(.fileNoKey)
        case .repeatedColumn(let name): Phrase(.fileRepeatedColumn, ["column": .text(name)])
        case .encoding(let row): Phrase(.fileEncoding, ["row": .number(Int64(row))])
        case .longRow(let row): Phrase(.fileLongRow, ["row": .number(Int64(row))])
        case .quotes(let row): Phrase(.fileQuotes, ["row": .number(Int64(row))])
        }
    }
}

/// The rows of a checked file that a request asks for.
struct CheckedRowInput {
    let filter: CheckedRowFilter
    /// The number of the row before the page.
    let after: Int
    let limit: Int
    private let list: Cursor

    init(_ request: Request, of id: ProductImportID, usual: Int = ProductQuery.usualLimit) throws {
        var fields = try QueryFields(request)
        let filter = fields.choice("filter", default: CheckedRowFilter.all, word: \.rawValue)
        self.filter = filter
        list = Cursor(list: "rows of \(id.value) \(filter.rawValue)")
        limit = fields.limit(usual: usual)
        var after = 0
        if let text = fields.text("cursor", longest: Cursor.longestText) {
            if let position = list.position(text, count: 1)?.first {
                after = Int(position)
            } else {
                fields.refuse("cursor", .cursor)
            }
        }
        self.after = after
        try fields.finish()
    }

    /// The cursor to the page behind this one, if there is one.
    func next(_ rows: ListPage<CheckedRow>) -> String? { rows.next(list) { Int64($0.number) } }
}
