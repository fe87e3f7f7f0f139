/// Writes rows of comma-separated values (RFC 4180), so that spreadsheets read them rightly and run nothing.
///
/// Begins with a byte order mark, without which spreadsheets take UTF-8 for something else.
public struct CSVWriter {
    private var bytes: [UInt8] = []
    private var isFirstCell = true

    public init() {}

    /// The first line: the columns' names, behind the byte order mark.
    public mutating func head(_ columns: [String]) {
        bytes += [0xef, 0xbb, 0xbf]
        for column in columns { text(column) }
        endRow()
    }

    /// A cell with somebody's text. One that a spreadsheet would take for a formula gets a quote before it
    /// (`CSVText.defused`). Nil is an empty cell.
    public mutating func text(_ text: String?) { write(CSVText.defused(text ?? "")) }

    /// A cell with a number, which no spreadsheet takes for a formula even if it is negative.
    public mutating func number(_ number: Int64?) { write(number.map { String($0) } ?? "") }

    public mutating func endRow() {
        bytes += [0x0d, 0x0a]
        isFirstCell = true
    }

    /// What was written since the last time.
    public mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func write(_ text: String) {
        if !isFirstCell { bytes.append(UInt8(ascii: ",")) }
        isFirstCell = false
        guard text.utf8.contains(where: CSVText.needsQuotes) else {
            bytes += text.utf8
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// What both writing and reading of comma-separated values have to know about a cell.
public enum CSVText {
    /// The text with a quote before what a spreadsheet would take for a formula: it shows the text, and runs nothing.
    /// What begins with quotes before such a text gets one more, so that none is mistaken for that.
    public static func defused(_ text: String) -> String { isFormulaBehindQuotes(text) ? "'" + text : text }

    /// The text that `defused` was given.
    public static func original(_ text: String) -> String {
        guard text.unicodeScalars.first == "'", isFormulaBehindQuotes(text) else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    private static func isFormulaBehindQuotes(_ text: String) -> Bool {
        isFormula(text.unicodeScalars.drop { $0 == "'" })
    }

    /// Whether it begins with one of = + - @, also in full width as Korean keyboards have them, a tab or a line end.
    private static func isFormula(_ text: some Sequence<Unicode.Scalar>) -> Bool {
        guard let first = text.first(where: { _ in true }) else { return false }
        return "=+-@\t\r\n\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".unicodeScalars.contains(first)
    }

    static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0d || byte == 0x0a
    }
}
