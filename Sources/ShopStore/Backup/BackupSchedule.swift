/// Which backups to keep: the newest of each of the last days, weeks and months that have one.
///
/// Only days with a backup count, not days that have passed: after a month without any, the earlier ones are still
/// there.
public struct BackupSchedule: Sendable {
    public var days = 7
    public var weeks = 4
    public var months = 12

    public init() {}

    /// The instants whose backups are kept. The newest always is.
    public func kept(of times: some Sequence<BackupTime>) -> Set<BackupTime> {
        let newestFirst = times.sorted(by: >)
        var kept = Set(newestFirst.prefix(1))
        keepNewest(in: newestFirst, &kept, of: days, \.day)
        keepNewest(in: newestFirst, &kept, of: weeks, \.week)
        keepNewest(in: newestFirst, &kept, of: months, \.month)
        return kept
    }

    private func keepNewest(
        in newestFirst: [BackupTime], _ kept: inout Set<BackupTime>, of count: Int, _ period: KeyPath<BackupTime, Int>
    ) {
        var seen = Set<Int>()
        for time in newestFirst where seen.count < count {
            if seen.insert(time[keyPath: period]).inserted { kept.insert(time) }
        }
    }
}
