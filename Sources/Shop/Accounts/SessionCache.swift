import POSIX

/// Caches sessions until one ends: every request looks its caller up, and the answer seldom changes.
///
/// An end takes effect at once, whoever ended it: the first change empties the cache.
final class SessionCache: Sendable {
    /// Some 64 bytes each. Beyond this many, all are forgotten and looked up again.
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

    /// - Parameter version: taken before the session was read, so that the entry is never older than its version.
    func keep(_ session: Session, _ token: TokenHash, _ version: Version) {
        kept.write { kept in
            if kept.version != version || kept.sessions.count >= Self.capacity {
                kept.sessions.removeAll(keepingCapacity: true)
                kept.version = version
            }
            kept.sessions[token] = session
        }
    }

    /// Forgets a session whose last use is about to be written.
    func forget(_ token: TokenHash) {
        kept.write { _ = $0.sessions.removeValue(forKey: token) }
    }
}
