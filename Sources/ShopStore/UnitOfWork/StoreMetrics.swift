import CoreMetrics

/// What the writer and the checkpointer count; each on its own thread, once for a whole group.
struct StoreMetrics: Sendable {
    /// Pieces of work in one commit.
    let groupSize: Recorder
    /// The COMMIT alone: what the disk takes.
    let commit: Timer
    let checkpoint: Timer

    init(_ factory: any MetricsFactory) {
        groupSize = Recorder(label: "jangteo_write_group_size", factory: factory)
        commit = Timer(label: "jangteo_commit_duration_seconds", factory: factory)
        checkpoint = Timer(label: "jangteo_checkpoint_duration_seconds", factory: factory)
    }
}

extension Timer {
    /// Times the work, unless it throws.
    func time<Result>(_ work: () throws -> Result) rethrows -> Result {
        let began = ContinuousClock.now
        let result = try work()
        let (seconds, attoseconds) = began.duration(to: .now).components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        return result
    }
}
