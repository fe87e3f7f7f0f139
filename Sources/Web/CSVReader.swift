/// Reads rows of comma-separated values (RFC 4180) from pieces of any length, as spreadsheets write them: with or without a
/// byte order mark, parted by commas, semicolons or tabs, whichever the first row has most of. No more than one row is in
/// memory.
public struct CSVReader {
    public struct Row: Sendable, Equatable {
        /// Counted from 1, as spreadsheets do.
        public let number: Int
        public let cells: [String]

        /// Whether nothing is in it.
        public var isBlank: Bool { cells.allSatisfy(\.isEmpty) }
    }

    /// Why nothing can be read from a row on.
    public enum Fault: Error, Sendable, Equatable {
        /// It is not UTF-8.
        case encoding(row: Int)
        /// It is longer than `longestRow`.
        case tooLong(row: Int)
        /// A quote that was opened is not closed, or text comes behind the one that closes a cell.
        case quotes(row: Int)
    }

    /// In bytes; more than two products with the longest descriptions take.
    public static let longestRow = 128 * 1024

    private enum State {
        case startOfCell, plain, quoted, behindQuotes
    }

    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let quote = UInt8(ascii: "\"")
    private static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// nil until the first row has come.
    private var separator: UInt8?
    private var firstRow: [UInt8] = []
    private var isInQuotes = false

    private var state = State.startOfCell
    private var cell: [UInt8] = []
    private var cells: [String] = []
    private var length = 0
    private var number = 1
    private var isBehindCR = false

    public init() {}

    /// Reads on, and passes on each row that has come to its end. Throws a `Fault`, and whatever `row` throws.
    public mutating func read(_ bytes: some Sequence<UInt8>, _ row: (Row) throws -> Void) throws {
        for byte in bytes {
            if let separator {
                try take(byte, separator, row)
            } else {
                try takeOfFirstRow(byte, row)
            }
        }
    }

    /// The last row, which need not have an end.
    public mutating func finish(_ row: (Row) throws -> Void) throws {
        try readFirstRow(row)
        if state == .quoted { throw Fault.quotes(row: number) }
        if state != .startOfCell || !cells.isEmpty { try endRow(row) }
    }

    private mutating func takeOfFirstRow(_ byte: UInt8, _ row: (Row) throws -> Void) throws {
        if byte == Self.quote { isInQuotes.toggle() }
        firstRow.append(byte)
        if !isInQuotes, byte == 0x0a || byte == 0x0d {
            try readFirstRow(row)
        } else if firstRow.count > Self.longestRow {
            throw Fault.tooLong(row: 1)
        }
    }

    /// Reads the first row again, now that it says what parts the cells.
    private mutating func readFirstRow(_ row: (Row) throws -> Void) throws {
        guard separator == nil else { return }
        let bytes = firstRow.starts(with: Self.mark) ? firstRow[Self.mark.count...] : firstRow[...]
        let counts = Self.separators.map { separator in
            var (count, isInQuotes) = (0, false)
            for byte in bytes {
                if byte == Self.quote { isInQuotes.toggle() }
                if byte == separator, !isInQuotes { count += 1 }
            }
            return count
        }
        let most = counts.max() ?? 0
        let separator = zip(Self.separators, counts).first { $0.1 == most }?.0 ?? Self.separators[0]
        self.separator = separator
        for byte in bytes { try take(byte, separator, row) }
        firstRow = []
    }

    private mutating func take(_ byte: UInt8, _ separator: UInt8, _ row: (Row) throws -> Void) throws {
        if isBehindCR {
            isBehindCR = false
            if byte == 0x0a { return }
        }
        length += 1
        guard length <= Self.longestRow else { throw Fault.tooLong(row: number) }
        switch state {
        case .quoted:
            if byte == Self.quote { state = .behindQuotes } else { cell.append(byte) }
            return
        case .behindQuotes where byte == Self.quote:
            // Two are one in the text.
            cell.append(byte)
            state = .quoted
            return
        case .startOfCell where byte == Self.quote:
            state = .quoted
            return
        default: break
        }
        switch byte {
        case separator: try endCell()
        case 0x0a, 0x0d:
            isBehindCR = byte == 0x0d
            try endRow(row)
        default:
            if state == .behindQuotes { throw Fault.quotes(row: number) }
            cell.append(byte)
            state = .plain
        }
    }

    private mutating func endCell() throws {
        // UTF-16 without a mark, as far as it is ASCII, would be UTF-8 with zeros in it.
        guard !cell.contains(0), let text = String(utf8: cell.span) else { throw Fault.encoding(row: number) }
        cells.append(text)
        cell.removeAll(keepingCapacity: true)
        state = .startOfCell
    }

    private mutating func endRow(_ row: (Row) throws -> Void) throws {
        try endCell()
        let ended = Row(number: number, cells: cells)
        cells = []
        length = 0
        number += 1
        try row(ended)
    }
}
