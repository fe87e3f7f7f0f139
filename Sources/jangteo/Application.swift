import FoundationEssentials
import Logging
import Shop
import ShopStore
import ShopWeb

/// The shop over its database, put together from the settings.
struct Application {
    let store: SQLiteStore
    let services: Services
    let views: ProductViews
    let sessionUse: SessionUse
    let responder: ShopResponder

    init(_ settings: Settings, logger: Logger) throws {
        store = try settings.openStore(logger)
        views = ProductViews()
        sessionUse = SessionUse()
        services = Services(
            store: store, clock: .system, policy: settings.policy, views: views, sessionUse: sessionUse,
            hasher: PasswordHasher(cost: settings.passwordCost),
            gate: HashingGate(
                atOnce: ProcessInfo.processInfo.activeProcessorCount, waiting: settings.hashingQueue))
        responder = ShopResponder(services, logger: logger)
    }

    /// Writes what was counted behind the answers.
    func flush() throws {
        try views.flush(to: store)
        try sessionUse.flush(to: store, at: ShopClock.system.now())
    }
}

extension Settings {
    /// Throws a `SettingMistake` where there is no database yet.
    func openStore(_ logger: Logger) throws -> SQLiteStore {
        guard FileManager.default.fileExists(atPath: database) else {
            throw SettingMistake("there is no database at \(database): run jangteo migrate --data \(data)")
        }
        return try SQLiteStore(path: database, options: store, logger: logger)
    }
}
