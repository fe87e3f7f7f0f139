import POSIX

/// Sessions that were looked up, kept until one ends: who calls is asked with every request, and seldom changes.
///
/// An end takes effect at once, whoever ended it: all that is kept is forgotten with the first change.
final class SessionCache: Sendable {
    /// Some 64 bytes each. More callers than that and all are forgotten, and looked up again.
    private static let capacity = 12_000

    private struct Kept {
        var version: Version?
        var sessions: [TokenHash: Session] = [:]
    }

    private let kept = Locked(Kept())
    private let counters: CacheCounters

    init(_ counters: CacheCounters) { self.counters = counters }

    func find(_ token: TokenHash, _ version: Version) -> Session? {
        counters.counting(kept.read { $0.version == version ? $0.sessions[token] : nil })
    }

    /// - Parameter version: taken before the session was read, so that what is kept under it is never older.
    func keep(_ session: Session, _ token: TokenHash, _ version: Version) {
        kept.write { kept in
            if kept.version != version || kept.sessions.count >= Self.capacity {
                kept.sessions.removeAll(keepingCapacity: true)
                kept.version = version
            }
            kept.sessions[token] = session
        }
    }

    /// Forgets one whose last use is about to be written.
    func forget(_ token: TokenHash) {
        kept.write { _ = $0.sessions.removeValue(forKey: token) }
    }
}
