import SQLite
import Shop
import Synchronization

/// Tells whether a topic has changed, at the cost of two memory reads.
///
/// SQLite counts commits, but most commits in a busy shop are charges, which change no product and no session. So the
/// writer announces, before each commit, what it changes. A commit that was not announced is another process's, and
/// counts as a change of everything. The counts wrap around and are only compared for equality.
struct ChangeClocks: Sendable {
    private let clocks: [ChangeClock]

    init(_ connection: Connection) throws {
        let commits = try CommitCounter(connection)
        clocks = Topic.allCases.map { _ in ChangeClock(commits) }
    }

    func version(of topic: Topic) -> Version { clocks[topic.rawValue].version }

    /// What is needed to withdraw an announcement.
    struct Word {
        fileprivate let before: [UInt64]
    }

    /// The writer, holding the write lock, is about to commit.
    func willCommit(changing topics: Set<Topic>) -> Word {
        Word(before: Topic.allCases.map { clocks[$0.rawValue].willCommit(changesTopic: topics.contains($0)) })
    }

    /// The announced commit did not happen.
    func didNotCommit(_ word: Word) {
        for (clock, before) in zip(clocks, word.before) { clock.didNotCommit(before) }
    }
}

/// The clock of one topic.
private final class ChangeClock: Sendable {
    private let commits: CommitCounter
    /// The newest commit announced, in the upper half; the newest that changed the topic, in the lower.
    private let spoken: Atomic<UInt64>

    init(_ commits: CommitCounter) {
        self.commits = commits
        let now = commits.value
        spoken = Atomic(Self.pack(newest: now, changed: now))
    }

    /// The newest commit that changed the topic, or a later one, but never an earlier one: what is read after taking
    /// the version is at least as new.
    var version: Version {
        let now = commits.value
        let (newest, changed) = Self.unpack(spoken.load(ordering: .acquiring))
        let isSpokenOf = now == newest || now &+ 1 == newest
        let isYetToCome = changed == now &+ 1
        return Version(commit: isSpokenOf && !isYetToCome ? changed : now)
    }

    /// Returns what withdraws the announcement.
    func willCommit(changesTopic: Bool) -> UInt64 {
        let now = commits.value
        let (newest, changed) = Self.unpack(spoken.load(ordering: .relaxed))
        // Other processes' commits since our last one may have changed anything.
        let base = now == newest ? changed : now
        let after = Self.pack(newest: now &+ 1, changed: changesTopic ? now &+ 1 : base)
        spoken.store(after, ordering: .releasing)
        return Self.pack(newest: now, changed: base)
    }

    func didNotCommit(_ before: UInt64) { spoken.store(before, ordering: .releasing) }

    private static func pack(newest: UInt32, changed: UInt32) -> UInt64 { UInt64(newest) << 32 | UInt64(changed) }
    private static func unpack(_ both: UInt64) -> (newest: UInt32, changed: UInt32) {
        (UInt32(both >> 32), UInt32(truncatingIfNeeded: both))
    }
}
