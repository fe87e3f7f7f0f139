import Logging
import POSIX
import SQLite
import Shop
import Synchronization

/// What stops all writing until somebody fixes it: the database was moved, or it is damaged. Each is logged once, in a
/// line that names the chapter of the manual.
final class StoreTrouble: Sendable {
    let files: OpenFiles
    private let isAway = Atomic<Bool>(false)
    private let damage = Locked<String?>(nil)
    private let isDamaged = Atomic<Bool>(false)
    private let logger: Logger

    init(_ files: OpenFiles, logger: Logger) {
        self.files = files
        self.logger = logger
    }

    /// Why nothing may be written now; nil if nothing is wrong. Costs a look at each of the two files.
    func refusal() -> UnavailableError? {
        if isDamaged.load(ordering: .relaxed), let words = damage.read({ $0 }) {
            return UnavailableError("the database is damaged: \(words)", .damaged)
        }
        return lookForFiles()
    }

    /// The same for what was just committed: then it is unknown whether that is in the files at these paths.
    func refusalAfterCommit() -> UnavailableError? {
        lookForFiles().map { UnavailableError($0.reason, $0.cause, isOutcomeKnown: false) }
    }

    private func lookForFiles() -> UnavailableError? {
        guard let path = files.missing else {
            if isAway.load(ordering: .relaxed), isAway.exchange(false, ordering: .relaxed) {
                logger.notice("the database and its log lie where they were opened again: the shop goes on")
            }
            return nil
        }
        if !isAway.exchange(true, ordering: .relaxed) {
            logger.error(
                "nothing is written any more: \(path) is not the file that was opened; see \"The database was moved or replaced\" in the manual"
            )
        }
        return UnavailableError("\(path) is not the file that was opened", .replaced)
    }

    // MARK: Damage

    /// Runs the work again if SQLite reports damage, as it also does after a single failed read from the disk.
    /// Damage found the second time, too, is final until the shop is restarted.
    func lookingAgain<Result>(_ connection: Connection, _ work: () throws -> Result) throws -> Result {
        let first: SQLiteError
        do {
            return try work()
        } catch let error as SQLiteError where error.saysDamaged {
            first = error
        }
        connection.forgetPages()
        do {
            let result = try work()
            logger.warning(
                "what was read made no sense, and did when it was read again", metadata: ["error": "\(first)"])
            return result
        } catch let error as SQLiteError where error.saysDamaged {
            note(error)
            throw error
        }
    }

    private func note(_ error: SQLiteError) {
        let isFirst = damage.write { damage in
            defer { damage = damage ?? error.message }
            return damage == nil
        }
        guard isFirst else { return }
        isDamaged.store(true, ordering: .relaxed)
        logger.error(
            "nothing is written any more: the database is damaged; see \"The database is damaged\" in the manual",
            metadata: ["error": "\(error)"])
    }
}
