public import CoreMetrics
public import Logging
import SQLite
public import Shop

/// The shop's store over one SQLite file.
public final class SQLiteStore: Store {
    /// How the file is used.
    public struct Options: Sendable {
        /// How a commit reaches the disk. `full` is what the shop promises: an answered write survives a power cut.
        public enum Synchronous: String, Sendable, CaseIterable {
            case full, normal
        }

        public var synchronous = Synchronous.full
        public var readers = 4
        /// The writing connection's cache in KiB. Four times as much was no faster, even with a million customers.
        public var writerCacheKiB = 4 * 1024
        /// Each reading connection's cache in KiB.
        public var readerCacheKiB = 2 * 1024
        /// How long one process waits for another's write.
        public var busyTimeoutMilliseconds = 4_000
        /// The number of WAL frames at which it is copied back, and at which writes wait for that.
        public var checkpointFrames = 24_000
        public var walFrames = 64_000
        /// How long a write may wait for its turn, in seconds.
        public var writeWaitSeconds = 5.0

        public init() {}
    }

    private let readers: ReaderPool
    private let writer: Writer
    private let checkpointer: Checkpointer
    private let clocks: ChangeClocks

    /// Opens the database, which must be there and have this program's schema (`MigrationError` otherwise).
    ///
    /// - Parameter metrics: makes the writer's and the checkpointer's metrics.
    public init(
        path: String, options: Options = Options(), metrics factory: any MetricsFactory = NOOPMetricsHandler.instance,
        logger: Logger
    ) throws {
        let metrics = StoreMetrics(factory)
        let writing = try Self.writingConnection(path, options)
        try Migrations.check(writing)
        let reading = try (0..<options.readers).map { _ in try Self.readingConnection(path, options) }
        let checkpointing = try Self.writingConnection(path, options)
        clocks = try ChangeClocks(reading[0])
        let trouble = StoreTrouble(OpenFiles(database: path), logger: logger)
        checkpointer = try Checkpointer(
            checkpointing, writer: writing, framesToCopy: options.checkpointFrames, framesAtMost: options.walFrames,
            trouble: trouble, metrics: metrics, logger: logger)
        var limits = Writer.Limits()
        limits.waitSeconds = options.writeWaitSeconds
        writer = Writer(
            writing, synchronous: options.synchronous, clocks: clocks, checkpointer: checkpointer, trouble: trouble,
            limits: limits, metrics: metrics, logger: logger)
        readers = ReaderPool(reading, trouble)
        try checkpointer.start()
        try writer.start()
    }

    public func read<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try readers.read { unit in try work(unit) }
    }

    public func lookUp<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try readers.lookUp { unit in try work(unit) }
    }

    public func write<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try writer.write { unit in try work(unit) }
    }

    public func writePiece<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try writer.write(isPiece: true) { unit in try work(unit) }
    }

    public func touch() throws {
        try writer.write { unit in try unit.touch() }
    }

    public var hasWaitingWrites: Bool { writer.queueDepth > 0 }

    public var waitsForAnother: Bool { writer.waitsForAnother }

    public func version(of topic: Topic) -> Version { clocks.version(of: topic) }

    /// Finishes the waiting writes; accepts no more.
    public func close() {
        writer.stop()
        checkpointer.stop()
    }

    /// What the writer has done so far.
    public var writeStatistics: WriteStatistics { writer.statistics }

    /// Jobs now waiting for the writer.
    public var writeQueueDepth: Int { writer.queueDepth }

    /// Frames (pages) in the WAL after the last commit.
    public var walFrames: Int { checkpointer.frames }

    /// The size of the WAL file.
    public var logBytes: Int { checkpointer.logBytes }

    /// How long a reader of old frames has kept the WAL longer than it should be; 0 if it is not.
    public var logHeldUpSeconds: Double { checkpointer.heldUpSeconds }

    /// Makes the running write fail, as an interruption in the middle of it would. For tests.
    public func interruptWriter() { writer.interrupt() }

    private static func writingConnection(_ path: String, _ options: Options) throws -> Connection {
        let connection = try Connection(
            path: path, access: .readWrite, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
        try connection.execute(
            """
            PRAGMA synchronous = \(options.synchronous.rawValue);
            PRAGMA foreign_keys = ON;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA secure_delete = OFF;
            PRAGMA cache_size = -\(options.writerCacheKiB);
            PRAGMA temp_store = MEMORY;
            """)
        return connection
    }

    private static func readingConnection(_ path: String, _ options: Options) throws -> Connection {
        let connection = try Connection(
            path: path, access: .readOnly, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
        try connection.execute(
            "PRAGMA cache_size = -\(options.readerCacheKiB); PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;")
        return connection
    }
}
