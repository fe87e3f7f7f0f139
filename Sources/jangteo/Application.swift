import FoundationEssentials
import Journal
import Logging
import Pictures
import Prometheus
import Shop
import ShopStore
import ShopWeb

/// The shop over its database, assembled from the settings.
struct Application {
    let store: SQLiteStore
    let shop: Shop
    let metrics: PrometheusMetrics
    let responder: ShopResponder

    init(_ settings: Settings, logger: Logger) throws {
        let metrics = PrometheusMetrics(MetricList.families)
        self.metrics = metrics
        store = try settings.openStore(logger, metrics)
        let gate = HashingGate(
            atOnce: HashingGate.atOnce(cores: ProcessInfo.processInfo.activeProcessorCount),
            waiting: settings.hashingQueue)
        shop = Shop(
            store: store, policy: settings.policy, hasher: PasswordHasher(cost: settings.passwordCost), gate: gate,
            security: SecurityLines.ofProcess.log(logger), backups: BackupWatch(folder: settings.backups),
            pictures: PictureMaker(settings.pictures), metrics: metrics)
        _ = ProcessMetrics(metrics)
        _ = Gauges(settings, store: store, shop, gate: gate, metrics: metrics)
        let operations = Operations(readiness: shop.readiness) {
            Operations.Metrics(mediaType: PrometheusMetrics.mediaType, text: metrics.export())
        }
        responder = ShopResponder(
            shop, try settings.openStorefront(), operations, patience: settings.patience,
            bodyFile: settings.pictures.namelessFile, logger: logger)
    }
}
