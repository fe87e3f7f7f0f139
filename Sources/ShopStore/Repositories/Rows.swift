import SQLite
import Shop

/// A required row was missing: the program and the database disagree.
struct MissingRowError: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "no row for the \(what)" }
}

/// Reads a record's columns by name.
extension Row {
    func int64(_ column: some ColumnList) -> Int64 { int64(column.rawValue) }
    func optionalInt64(_ column: some ColumnList) -> Int64? { optionalInt64(column.rawValue) }
    func text(_ column: some ColumnList) -> String { text(column.rawValue) }
    func optionalText(_ column: some ColumnList) -> String? { optionalText(column.rawValue) }
    func bytes(_ column: some ColumnList) -> [UInt8] { bytes(column.rawValue) }
    func time(_ column: some ColumnList) -> Timestamp { time(column.rawValue) }
    func optionalTime(_ column: some ColumnList) -> Timestamp? { optionalTime(column.rawValue) }
    func won(_ column: some ColumnList) -> Won { Won(int64(column.rawValue)) }
    func optionalWon(_ column: some ColumnList) -> Won? { optionalInt64(column.rawValue).map { Won($0) } }
    func id<Entity>(_ column: some ColumnList) -> ID<Entity> { ID(int64(column.rawValue)) }
    func optionalID<Entity>(_ column: some ColumnList) -> ID<Entity>? { optionalInt64(column.rawValue).map { ID($0) } }

    /// One of a few words; the schema allows no others.
    func choice<Choice: RawRepresentable<String>>(_ column: some ColumnList) throws -> Choice {
        try choice(column.rawValue)
    }

    func choice<Choice: RawRepresentable<String>>(_ column: Int32) throws -> Choice {
        let text = text(column)
        guard let choice = Choice(rawValue: text) else { throw MissingRowError("\(Choice.self) called \(text)") }
        return choice
    }
}

/// Reads a column by number, for what a statement selects alone or after a record's columns.
extension Row {
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: int64(column)) }

    func optionalTime(_ column: Int32) -> Timestamp? {
        optionalInt64(column).map { Timestamp(milliseconds: $0) }
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
}
