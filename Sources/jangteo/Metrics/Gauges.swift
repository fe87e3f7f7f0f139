import CoreMetrics
import FastCGI
import FoundationEssentials
import Glibc
import Prometheus
import Shop
import ShopStore

/// What is sampled on request, and not counted continuously.
struct Gauges: Sendable {
    /// A shop is ready if a write takes no longer than this.
    private static let readySeconds = 1.0

    private let store: SQLiteStore
    private let shop: Shop
    private let gate: HashingGate
    private let data: String
    private let backups: String

    private let writeQueue: Meter
    private let walFrames: Meter
    private let walBytes: Meter
    private let walHeldUp: Meter
    private let hashingQueue: Meter
    private let popularAge: Meter
    private let backupAge: Meter
    private let backupFailed: Meter
    private let ready: Meter
    private let troubles: [UnavailableError.Cause: Meter]
    private let diskFree: Meter
    private let diskSize: Meter

    init(_ settings: Settings, store: SQLiteStore, _ shop: Shop, gate: HashingGate, metrics: PrometheusMetrics) {
        self.store = store
        self.shop = shop
        self.gate = gate
        data = settings.data
        backups = settings.backups
        func meter(_ name: String) -> Meter { Meter(label: "jangteo_\(name)", factory: metrics) }
        writeQueue = meter("write_queue_depth")
        walFrames = meter("wal_frames")
        walBytes = meter("wal_bytes")
        walHeldUp = meter("wal_held_up_seconds")
        hashingQueue = meter("hashing_queue_depth")
        popularAge = meter("popular_age_seconds")
        backupAge = meter("backup_age_seconds")
        backupFailed = meter("backup_failed")
        ready = meter("ready")
        troubles = Dictionary(
            uniqueKeysWithValues: UnavailableError.Cause.allCases.map { cause in
                (cause, Meter(label: "jangteo_trouble", dimensions: [("kind", cause.rawValue)], factory: metrics))
            })
        diskFree = meter("disk_free_bytes")
        diskSize = meter("disk_size_bytes")
        let build = [("version", Jangteo.configuration.version), ("schema", "\(Migrations.current)")]
        Meter(label: "jangteo_build_info", dimensions: build, factory: metrics).set(1)
        metrics.beforeExport(look)
    }

    private func look() {
        // Before checking whether a write gets through, which would be in the queue itself.
        writeQueue.set(store.writeQueueDepth)
        hashingQueue.set(gate.waiting)
        let outcome = shop.readiness.check(within: Self.readySeconds)
        ready.set(outcome == .committed ? 1 : 0)
        for (cause, meter) in troubles { meter.set(outcome.cause == cause ? 1 : 0) }
        walFrames.set(store.walFrames)
        walBytes.set(store.logBytes)
        walHeldUp.set(store.logHeldUpSeconds)
        popularAge.set(ageOfPopular())
        if !backups.isEmpty {
            backupAge.set(ageOfBackup())
            backupFailed.set(BackupFolder(path: backups).lastTryFailed ? 1 : 0)
        }
        lookAtDisk()
    }

    /// NaN if the database does not say.
    private func ageOfPopular() -> Double {
        do {
            guard let last = try shop.popular.list().computedAt else { return .infinity }
            return Double(ShopClock.system.now().milliseconds - last.milliseconds) / 1_000
        } catch {
            return .nan
        }
    }

    private func ageOfBackup() -> Double {
        guard let last = BackupFolder(path: backups).lastGood else { return .infinity }
        return Double(ShopClock.system.now().milliseconds) / 1_000 - Double(last.seconds)
    }

    private func lookAtDisk() {
        var disk = statvfs()
        guard statvfs(data, &disk) == 0 else { return }
        diskFree.set(Double(disk.f_bavail) * Double(disk.f_frsize))
        diskSize.set(Double(disk.f_blocks) * Double(disk.f_frsize))
    }
}

extension PrometheusMetrics {
    /// Samples a server's threads, too.
    func watch(_ server: FastCGIServer) {
        let (busy, kept, waiting) = (workers("busy"), workers("kept"), workers("waiting"))
        beforeExport {
            let now = server.workers
            busy.set(now.busy)
            kept.set(now.kept)
            waiting.set(now.waiting)
        }
    }

    private func workers(_ state: String) -> Meter {
        Meter(label: "jangteo_workers", dimensions: [("state", state)], factory: self)
    }
}
