import HTTPTypes
import Shop
import Synchronization
import Web

/// A list as a file of comma-separated values, however long: it is read and sent in pieces, each from a snapshot of its
/// own, so that no write and no checkpoint waits for whoever downloads it. A row that is changed meanwhile is in it once, as
/// it was or as it is.
struct ListFile<Item: Sendable, Position: Sendable>: Sendable {
    /// Rows in a piece.
    static var pieceLength: Int { 500 }

    /// Without the ending.
    let name: String
    /// The columns' names: the same in each language, for programs.
    let columns: [String]
    /// The items behind a position, at most so many; from the first one on for nil.
    let page: @Sendable (Position?, Int) throws -> ListPage<Item>
    let position: @Sendable (Item) -> Position
    /// Writes an item's lines.
    let row: @Sendable (inout CSVWriter, Item) -> Void

    /// The whole list as an answer. Throws whatever reading its beginning throws, and `UnavailableError` if there are too many
    /// downloads already.
    func response(_ downloads: Downloads) throws -> Response {
        let permit = try downloads.begin()
        let first = try page(nil, Self.pieceLength)
        var csv = CSVWriter()
        csv.head(columns)
        let beginning = write(first, &csv)
        var response = Response(
            .ok,
            fields: [
                .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"\(name).csv\"",
            ], body: beginning)
        guard first.hasMore, let last = first.items.last.map(position) else { return response }
        response.rest = rest(after: last, permit)
        return response
    }

    private func rest(after last: Position, _ permit: Downloads.Permit) -> ResponseRest {
        ResponseRest { send in
            // The download counts for as long as this is there.
            defer { withExtendedLifetime(permit) {} }
            var csv = CSVWriter()
            var next: Position? = last
            while let after = next {
                let items = try page(after, Self.pieceLength)
                try send(write(items, &csv))
                next = items.hasMore ? items.items.last.map(position) : nil
            }
        }
    }

    private func write(_ page: ListPage<Item>, _ csv: inout CSVWriter) -> [UInt8] {
        for item in page.items { row(&csv, item) }
        return csv.take()
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
