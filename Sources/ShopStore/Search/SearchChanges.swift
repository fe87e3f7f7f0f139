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

    /// Pages of the index that are merged after a change of a few products; after one of more, as many as they are. A page is
    /// merged some five times before it lies in the largest segment, and this keeps up with it.
    private static let fewestMergedPages = 4

    /// Changes the index as the writes that have been done ask for, and merges a little of it.
    func write(_ sql: Connection) throws {
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
        try sql.run(
            "INSERT INTO product_search (product_search, rank) VALUES ('merge', ?)",
            max(Self.fewestMergedPages, kept.count))
    }
}
