import Prometheus

/// Every metric: its name and its meaning. They are counted where things happen.
enum MetricList {
    static let families = [
        Family("jangteo_http_requests_total", "Requests answered, by the pattern of their path."),
        Family("jangteo_http_request_duration_seconds", "Time from a request being read to its answer being made."),
        Family("jangteo_refusals_total", "Requests refused, by the code of the problem."),
        Family("jangteo_workers", "Threads that answer a request or wait for one, and connections that are kept."),
        Family("jangteo_write_queue_depth", "Pieces of work that wait for the writer."),
        Family("jangteo_write_group_size", "Pieces of work in one commit.", buckets: powersOfTwo),
        Family("jangteo_commit_duration_seconds", "Time that a commit takes to reach the disk.", buckets: disk),
        Family("jangteo_wal_frames", "Pages in the write-ahead log (WAL) after the last commit."),
        Family("jangteo_wal_bytes", "Size of the WAL's file."),
        Family("jangteo_wal_held_up_seconds", "Time that the WAL is longer than it should be; 0: it is not."),
        Family("jangteo_checkpoint_duration_seconds", "Time to copy the WAL into the database.", buckets: disk),
        Family("jangteo_cache_hits_total", "What was asked for and found in memory."),
        Family("jangteo_cache_misses_total", "What was asked for and not found in memory."),
        Family("jangteo_hashing_queue_depth", "Callers that wait for a password to be hashed."),
        Family("jangteo_popular_age_seconds", "Time since the list of popular products was made; +Inf for never."),
        Family("jangteo_backup_age_seconds", "Time since the last good backup; +Inf for none."),
        Family("jangteo_backup_failed", "1 where the last try to make a backup failed."),
        Family("jangteo_build_info", "Always 1; says which program and which schema this is."),
        Family("jangteo_ready", "Whether a write got to the disk within a second, tried for this answer."),
        Family("jangteo_trouble", "1 for what keeps writes from the disk, by its kind."),
        Family("jangteo_disk_free_bytes", "Room left for the shop on the disk of its data."),
        Family("jangteo_disk_size_bytes", "Size of the disk of the shop's data."),
        Family("process_cpu_seconds_total", "Processor time that the program has taken."),
        Family("process_resident_memory_bytes", "Memory that the program has."),
        Family("process_virtual_memory_bytes", "Addresses that the program has set aside, used or not."),
        Family("process_open_fds", "Files and connections that the program has open."),
        Family("process_max_fds", "Files and connections that it may have open."),
        Family("process_start_time_seconds", "When the program was started, in seconds since 1970."),
    ]

    /// Up to the largest group.
    private static let powersOfTwo: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    /// A good disk takes a tenth of a millisecond, a failing one takes seconds.
    private static let disk: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]
}
