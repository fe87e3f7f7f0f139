import POSIX

/// Remembers which sessions were used, so that the use is written behind the answers, not once per request. A session's
/// last use is exact to an hour, which is enough to end those unused for two weeks.
public final class SessionUse: Sendable {
    static let precision = Timestamp.Span.hours(1)

    private let used = Locked<Set<TokenHash>>([])

    public init() {}

    /// Returns whether the use has to be written.
    func note(_ token: TokenHash, lastUsedAt: Timestamp, at now: Timestamp) -> Bool {
        guard now >= lastUsedAt + Self.precision else { return false }
        used.write { _ = $0.insert(token) }
        return true
    }

    /// Writes what was noted since the last time.
    public func flush(to store: any Store, at now: Timestamp) throws {
        let tokens = used.write { used in
            defer { used = [] }
            return used
        }
        if tokens.isEmpty { return }
        do {
            try store.write { tx in try tx.accounts.useSessions(Array(tokens), at: now) }
        } catch {
            used.write { $0.formUnion(tokens) }
            throw error
        }
    }
}
