import Glibc
import POSIX

/// Why the lock beside a database is not available.
public enum ShopLockError: Error, Equatable, CustomStringConvertible {
    /// Others are using the database.
    case inUse(String)
    /// The database is being replaced by another.
    case beingReplaced(String)
    case noFile(String, reason: String)

    public var description: String {
        switch self {
        case .inUse(let folder):
            "a shop runs on \(folder): stop it and what else uses the database "
                + "(systemctl stop jangteo.socket jangteo.service), then try again"
        case .beingReplaced(let folder): "the database in \(folder) is being restored: wait until that is done"
        case .noFile(let path, let reason): "cannot open \(path): \(reason)"
        }
    }
}

/// The lock `shop.lock` beside the database: whoever uses the database shares it; whoever replaces the database holds
/// it alone.
///
/// The kernel releases it however the process ends. The file itself stays, and means nothing.
public final class ShopLock: Sendable {
    public enum Use: Sendable { case shared, alone }

    private let file: Int32

    /// Takes the lock without waiting.
    public init(folder: String, _ use: Use) throws {
        let path = folder + "/shop.lock"
        // Root may be asking, in a folder that is not root's: a link that somebody planted there is not followed.
        let file = open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ShopLockError.noFile(path, reason: SystemError.words()) }
        giveToOwner(of: folder, file)
        guard flock(file, (use == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            close(file)
            throw use == .shared ? ShopLockError.beingReplaced(folder) : ShopLockError.inUse(folder)
        }
        self.file = file
    }

    /// Shares the lock for as long as the process lives.
    public static func shareUntilExit(folder: String) throws {
        _ = Unmanaged.passRetained(try ShopLock(folder: folder, .shared))
    }

    deinit { close(file) }
}

/// Gives a file that root made in a shop's folder to the shop, which could not open it otherwise.
public func giveToOwner(of folder: String, _ file: Int32) {
    var status = stat()
    guard geteuid() == 0, stat(folder, &status) == 0 else { return }
    // A file system without owners does not need it.
    _ = fchown(file, status.st_uid, status.st_gid)
}
