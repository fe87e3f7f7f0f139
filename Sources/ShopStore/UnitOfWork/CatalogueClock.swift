import SQLite
import Shop
import Synchronization

/// Tells whether the catalogue has changed, at the cost of two memory reads.
///
/// SQLite counts commits, but most commits of a busy shop are charges, which change no product. So the writer says of
/// each of its commits, before it happens, whether it changes the catalogue. A commit that it has not spoken of is
/// another process's, and counts as a change. All counts wrap around together and are only compared for equality.
final class CatalogueClock: Sendable {
    private let commits: CommitCounter
    /// In the upper half the newest commit that the writer has spoken of, in the lower the newest that changed the
    /// catalogue.
    private let spoken: Atomic<UInt64>

    init(_ connection: Connection) throws {
        commits = try CommitCounter(connection)
        let now = commits.value
        spoken = Atomic(Self.pack(newest: now, changed: now))
    }

    /// The newest commit that changed the catalogue, or one after it. Never one before it: what was read after this was
    /// taken is as new as this.
    var version: CatalogueVersion {
        let now = commits.value
        let (newest, changed) = Self.unpack(spoken.load(ordering: .acquiring))
        let isSpokenOf = now == newest || now &+ 1 == newest
        let isYetToCome = changed == now &+ 1
        return CatalogueVersion(commit: isSpokenOf && !isYetToCome ? changed : now)
    }

    /// What the writer needs to take a word back.
    struct Word {
        fileprivate let before: UInt64
    }

    /// The writer, holding the write lock, is about to commit.
    func willCommit(changesCatalogue: Bool) -> Word {
        let now = commits.value
        let before = spoken.load(ordering: .relaxed)
        let (newest, changed) = Self.unpack(before)
        // Commits of others since our last one may have changed anything.
        let base = now == newest ? changed : now
        let word = Word(before: Self.pack(newest: now, changed: base))
        let after = Self.pack(newest: now &+ 1, changed: changesCatalogue ? now &+ 1 : base)
        spoken.store(after, ordering: .releasing)
        return word
    }

    /// The commit that was announced did not happen.
    func didNotCommit(_ word: Word) {
        spoken.store(word.before, ordering: .releasing)
    }

    private static func pack(newest: UInt32, changed: UInt32) -> UInt64 { UInt64(newest) << 32 | UInt64(changed) }
    private static func unpack(_ both: UInt64) -> (newest: UInt32, changed: UInt32) {
        (UInt32(both >> 32), UInt32(truncatingIfNeeded: both))
    }
}
