import CoreMetrics

/// The writer's and the checkpointer's metrics; each records on its own thread, once per group.
struct StoreMetrics: Sendable {
    /// How many jobs are in one commit.
    let groupSize: Recorder
    /// The COMMIT alone: the disk's share.
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
