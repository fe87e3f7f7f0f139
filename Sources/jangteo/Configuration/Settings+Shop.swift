import CoreMetrics
import FoundationEssentials
import Logging
import Pictures
import SQLite
import Shop
import ShopStore
import ShopWeb

extension Settings {
    /// Throws a `SettingError` if a template, a word or a file is missing or broken.
    func openStorefront() throws -> Storefront {
        do {
            return try Storefront(
                folder: share, overriding: templates.isEmpty ? nil : templates, timeZone: timeZone)
        } catch let error as StorefrontError {
            throw SettingError("the pages cannot be made: \(error)")
        }
    }

    /// Throws a `SettingError` if there is no database yet, or an unusable one.
    func openStore(
        _ logger: Logger, _ metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) throws -> SQLiteStore {
        try withLock { try SQLiteStore(path: database, options: store, metrics: metrics, logger: logger) }
    }

    /// Runs a command's work on the shop, over its database.
    ///
    /// - Parameter security: hears of security events.
    func withShop<Result>(security: SecurityLog = .none, _ work: (Shop) throws -> Result) throws -> Result {
        let store = try openStore(logger())
        defer { store.close() }
        return try work(
            Shop(
                store: store, policy: policy, hasher: PasswordHasher(cost: passwordCost), security: security,
                pictures: PictureMaker(pictures)))
    }

    /// Runs the work on the database, which from now until this process ends cannot be replaced.
    func withLock<Result>(mustBeThere: Bool = true, _ work: () throws -> Result) throws -> Result {
        try withDatabase(mustBeThere: mustBeThere) {
            try ShopLock.shareUntilExit(folder: data)
            return try work()
        }
    }

    /// The data belong to the shop alone; nginx may go through the folder to the pictures. An existing folder keeps its
    /// permissions.
    func makeDataFolder() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        } catch {
            throw SettingError("cannot make the folder \(data): take another with --data, or look at its rights")
        }
    }

    /// Runs the work on the database; says in one line why it cannot be used.
    func withDatabase<Result>(mustBeThere: Bool = true, _ work: () throws -> Result) throws -> Result {
        try OrphanedLogError.check(database)
        if mustBeThere, !FileManager.default.fileExists(atPath: database) {
            throw SettingError("there is no database at \(database): run jangteo migrate --data \(data)")
        }
        do {
            return try work()
        } catch let error as SQLiteError {
            throw SettingError(
                "cannot use the database at \(database): \(error.message): look at the file, its folder's rights and the disk"
            )
        } catch let refusal as ShopLockError {
            guard case .noFile = refusal else { throw refusal }
            throw SettingError("cannot use the database at \(database): \(refusal)")
        }
    }
}
