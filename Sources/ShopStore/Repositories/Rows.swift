import SQLite
import Shop

/// A row that has to be there was not: the program and the database disagree.
struct MissingRow: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "no row for the \(what)" }
}

extension Row {
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: int64(column)) }

    func optionalTime(_ column: Int32) -> Timestamp? {
        optionalInt64(column).map { Timestamp(milliseconds: $0) }
    }

    func won(_ column: Int32) -> Won { Won(int64(column)) }

    /// One of a few words. The schema lets no other in.
    func choice<Choice: RawRepresentable<String>>(_ column: Int32) throws -> Choice {
        let text = text(column)
        guard let choice = Choice(rawValue: text) else { throw MissingRow("\(Choice.self) called \(text)") }
        return choice
    }
}
