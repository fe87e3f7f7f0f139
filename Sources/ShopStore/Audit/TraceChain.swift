import SQLite
import Shop

/// The proof that nobody changed the trace behind the shop's back: each entry has the number behind the one before it, and a
/// hash over that one's hash and all that it says itself.
///
/// Who can write to the file can make all of it anew, hashes too; a copy of the trace, or its last hash, kept elsewhere
/// tells that.
enum TraceChain {
    static func follow(_ sql: Connection, report: (String) -> Void) throws {
        let trace = SQLTrace(sql: sql)
        var (id, hash) = (Int64(0), TraceEntry.firstHash)
        try sql.forEach("SELECT \(TraceEntry.Column.self) FROM trace ORDER BY id") { row in
            let entry = try trace.entry(row)
            let expected = TraceEntry.hash(
                after: hash, id: entry.id, at: entry.at, staff: entry.staff, line: entry.line)
            if entry.id.value != id + 1 {
                report("the trace is not numbered through: entry \(entry.id.value) stands behind entry \(id)")
            } else if entry.hash != expected {
                report("the trace was changed: entry \(entry.id.value), or the one before it")
            }
            (id, hash) = (entry.id.value, entry.hash)
        }
    }
}
