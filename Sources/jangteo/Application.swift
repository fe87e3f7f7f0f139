import FoundationEssentials
import Logging
import SQLite
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
        responder = ShopResponder(services, try settings.openStorefront(), logger: logger)
    }

    /// Writes what was counted behind the answers.
    func flush() throws {
        try views.flush(to: store)
        try sessionUse.flush(to: store, at: ShopClock.system.now())
    }
}

extension Settings {
    /// Throws a `SettingMistake` where a template, a word or a file is missing or broken.
    func openStorefront() throws -> Storefront {
        do {
            return try Storefront(
                folder: share, overriding: templates.isEmpty ? nil : templates, timeZone: timeZone)
        } catch let mistake as Storefront.Mistake {
            throw SettingMistake("the pages cannot be made: \(mistake)")
        }
    }

    /// Throws a `SettingMistake` where there is no database yet, or none that can be used.
    func openStore(_ logger: Logger) throws -> SQLiteStore {
        try withDatabase { try SQLiteStore(path: database, options: store, logger: logger) }
    }

    /// Does the work with the database; says in one line why it cannot be used.
    func withDatabase<Result>(mustBeThere: Bool = true, _ work: () throws -> Result) throws -> Result {
        if mustBeThere, !FileManager.default.fileExists(atPath: database) {
            throw SettingMistake("there is no database at \(database): run jangteo migrate --data \(data)")
        }
        do {
            return try work()
        } catch let error as SQLiteError {
            throw SettingMistake(
                "cannot use the database at \(database): \(error.message): look at the file, its folder's rights and the disk"
            )
        }
    }
}
