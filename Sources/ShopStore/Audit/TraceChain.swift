import SQLite
import Shop

/// The last entry of a trace. Whoever keeps it elsewhere can tell later whether the trace still has it, and with it all
/// that was before.
public struct TraceEnd: Sendable, Equatable, CustomStringConvertible {
    /// 0 for an empty trace.
    public let number: Int64
    public let hash: [UInt8]

    init(_ number: Int64, _ hash: [UInt8]) {
        self.number = number
        self.hash = hash
    }

    /// As `description` writes it: nil for what is none.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number >= 0,
            parts[1].utf8.count == 2 * TraceEntry.firstHash.count
        else { return nil }
        let digits = parts[1].compactMap { $0.isASCII ? $0.hexDigitValue.map { UInt8($0) } : nil }
        guard digits.count == parts[1].count else { return nil }
        self.init(number, stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    /// The number, a colon, and the hash in hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef")
        return "\(number):" + String(hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// The proof that nobody changed the trace behind the shop's back: each entry has the number behind the one before it, and a
/// hash over that one's hash and all that it says itself.
///
/// Who can write to the file can make all of it anew, hashes too, or cut off its end; its end as it was, kept elsewhere,
/// tells that.
enum TraceChain {
    /// Returns the last entry.
    ///
    /// - Parameter kept: an entry as it was once, to be there still.
    static func follow(_ sql: Connection, kept: TraceEnd? = nil, report: (String) -> Void) throws -> TraceEnd {
        let trace = SQLTrace(sql: sql)
        var end = TraceEnd(0, TraceEntry.firstHash)
        var isKept = kept.map { $0 == end } ?? true
        try sql.forEach("SELECT \(TraceEntry.Column.self) FROM trace ORDER BY id") { row in
            let (id, hash) = (row.int64(TraceEntry.Column.id), row.bytes(TraceEntry.Column.hash))
            do {
                let entry = try trace.entry(row)
                let expected = TraceEntry.hash(
                    after: end.hash, id: entry.id, at: entry.at, staff: entry.staff, line: entry.line)
                if id != end.number + 1 {
                    report("the trace is not numbered through: entry \(id) stands behind entry \(end.number)")
                } else if hash != expected {
                    report("the trace was changed: entry \(id), or the one before it")
                }
            } catch let error as MissingRowError {
                report("the trace was changed: entry \(id) has a word that the shop never writes: \(error)")
            }
            end = TraceEnd(id, hash)
            if end == kept { isKept = true }
        }
        if let kept, !isKept { report("the trace does not have the entry that was kept elsewhere: \(kept)") }
        return end
    }
}
