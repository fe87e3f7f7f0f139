import HTTPTypes
import Shop
import Synchronization
import Web

/// A list as a file of comma-separated values, however long: it is read and sent in pieces, each from a snapshot of its
/// own, so that no write and no checkpoint waits for whoever downloads it. A row that is changed meanwhile is in it once, as
/// it was or as it is: so the list is in an order that no change touches.
struct ListFile<Item: Sendable, Position: Sendable>: Sendable {
    /// Rows in a piece: few, for each is in memory for a moment, written as text, and what is sold meanwhile waits for it.
    static var rowsPerPiece: Int { 25 }
    /// How many times as long as a piece has taken the thread rests after it: a file can wait.
    private static var timesToRest: Int { 5 }

    /// Without the ending.
    let name: String
    /// The columns' names: the same in each language, for programs.
    let columns: [String]
    /// The part of the list behind a position, with at most so many items; the first one for nil.
    let part: @Sendable (Position?, Int) throws -> ListPart<Item, Position>
    /// Writes an item's lines.
    let row: @Sendable (inout CSVWriter, Item) -> Void

    /// The whole list as an answer. Throws whatever reading its beginning throws, and `UnavailableError` if there are too many
    /// downloads already.
    func response(_ downloads: Downloads) throws -> Response {
        let permit = try downloads.begin()
        let first = try part(nil, Self.rowsPerPiece)
        var csv = CSVWriter()
        csv.head(columns)
        let beginning = write(first, &csv)
        var response = Response(
            .ok,
            fields: [
                .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"\(name).csv\"",
            ], body: beginning)
        if let next = first.next { response.rest = rest(behind: next, permit) }
        return response
    }

    private func rest(behind first: Position, _ permit: Downloads.Permit) -> ResponseRest {
        ResponseRest { send in
            // The download counts for as long as this is there.
            defer { withExtendedLifetime(permit) {} }
            var csv = CSVWriter()
            var next: Position? = first
            while let position = next {
                next = try Pace.resting(Self.timesToRest) {
                    let part = try part(position, Self.rowsPerPiece)
                    // A list that has to look for its items may find none for a while.
                    if !part.items.isEmpty { try send(write(part, &csv)) }
                    return part.next
                }
            }
        }
    }

    private func write(_ part: ListPart<Item, Position>, _ csv: inout CSVWriter) -> [UInt8] {
        for item in part.items { row(&csv, item) }
        return csv.take()
    }
}

/// A part of a list that is read bit by bit. It may be empty, and still not be the last.
struct ListPart<Item: Sendable, Position: Sendable>: Sendable {
    let items: [Item]
    /// Where the next part begins; nil at the end.
    let next: Position?
}

extension ListPart {
    /// - Parameter position: where an item is in the list.
    init(_ page: ListPage<Item>, _ position: (Item) -> Position) {
        self.init(items: page.items, next: page.hasMore ? page.items.last.map(position) : nil)
    }
}

/// How many files are being downloaded: each holds a thread, and reads all the time.
final class Downloads: Sendable {
    static let most = 4

    private let running = Atomic<Int>(0)

    /// A download counts until its permit is gone.
    final class Permit: Sendable {
        private let downloads: Downloads

        fileprivate init(_ downloads: Downloads) { self.downloads = downloads }

        deinit { downloads.running.subtract(1, ordering: .relaxed) }
    }

    /// Throws `UnavailableError` if there are `most` already.
    func begin() throws -> Permit {
        guard running.add(1, ordering: .relaxed).newValue <= Self.most else {
            running.subtract(1, ordering: .relaxed)
            throw UnavailableError("\(Self.most) files are being downloaded", retryAfterSeconds: 10)
        }
        return Permit(self)
    }
}
