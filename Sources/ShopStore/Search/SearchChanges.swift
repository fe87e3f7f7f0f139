import SQLite
import Shop

/// What the running transaction changes of the search index.
///
/// Before a savepoint, and before any statement that may have to be undone alone, FTS5 writes what it was given so far into a
/// segment of its own, and merges them later: an index that is changed in the middle of other work costs a segment for each
/// product. So it is changed once, before the commit, however many writes are in the group. A write that fails takes back
/// only what it has changed itself.
final class SearchChanges {
    /// A product's texts that are searched.
    struct Texts: Equatable {
        let name, description: String
    }

    private struct Change {
        let id: ProductID
        let old: Texts?
        let new: Texts
    }

    private var kept: [Change] = []
    private var running: [Change] = []

    /// Notes that a product has other texts now, in the write that runs.
    ///
    /// - Parameter old: nil for a new product.
    func note(_ id: ProductID, from old: Texts? = nil, to new: Texts) {
        if old != new { running.append(Change(id: id, old: old, new: new)) }
    }

    /// The write has been done.
    func keep() {
        kept.append(contentsOf: running)
        drop()
    }

    /// The write has been undone.
    func drop() { running.removeAll(keepingCapacity: true) }

    /// A transaction begins.
    func forget() {
        kept.removeAll(keepingCapacity: true)
        drop()
    }

    /// Pages of the index that are still to be merged: for a change of a few products four, for one of more as many as they
    /// are. A page is merged some five times before it lies in the largest segment, and this keeps up with it. A commit that
    /// fails takes its merging back, and leaves this as it is: later changes merge all the same.
    private var owedPages = 0
    private static let fewestOwedPages = 4
    /// Merged at once, between two looks whether others wait.
    private static let pagesPerMerge = 4
    /// If more are owed, others wait for them: of sixteen segments of one level FTS5 makes one, whoever waits.
    private static let mostOwedPages = 32

    /// Changes the index as the writes that have been done ask for, and merges a little of it.
    ///
    /// - Parameter othersWait: whether other writes wait for this one; merging then waits for a better time.
    func write(_ sql: Connection, othersWait: () -> Bool = { false }) throws {
        if kept.isEmpty { return }
        for change in kept {
            // The index stores no texts of its own: to remove the old ones it has to be given them.
            if let old = change.old {
                try sql.run(
                    "INSERT INTO product_search (product_search, rowid, tokens) VALUES ('delete', ?, ?)",
                    change.id.value, SearchIndex.tokens(name: old.name, description: old.description))
            }
            try sql.run(
                "INSERT INTO product_search (rowid, tokens) VALUES (?, ?)", change.id.value,
                SearchIndex.tokens(name: change.new.name, description: change.new.description))
        }
        owedPages += max(Self.fewestOwedPages, kept.count)
        while owedPages > 0, owedPages > Self.mostOwedPages || !othersWait() {
            let isWorkLeft = try merge(sql)
            owedPages = isWorkLeft ? owedPages - Self.pagesPerMerge : 0
        }
    }

    /// Merges a few pages. Returns whether there were any to merge.
    private func merge(_ sql: Connection) throws -> Bool {
        let before = sql.totalChanges
        try sql.run(
            "INSERT INTO product_search (product_search, rank) VALUES ('merge', ?)", Self.pagesPerMerge)
        // The statement itself counts as one change.
        return sql.totalChanges - before > 1
    }
}
