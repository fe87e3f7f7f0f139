import CSQLite

extension Connection {
    /// Copies the whole database, as it is at this moment, over that of `target`, while others go on writing this one.
    ///
    /// One read transaction is held from the first page to the last. SQLite's backup starts anew whenever it finds that
    /// somebody has written between two of its steps, so that in a shop that sells it would never end; within a
    /// transaction it stays with its snapshot, and in WAL mode that makes no writer wait. The price is that the WAL cannot
    /// start from its beginning until the copy is done, and grows by what is written meanwhile. VACUUM INTO would read
    /// one snapshot too, but in one statement that takes every row apart, nowhere to pause or to look around.
    ///
    /// - Parameters:
    ///   - pagesAtOnce: how much is copied before `afterEach` is asked: by default 4 MiB of 4 KiB pages.
    ///   - afterEach: is told the pages copied and their number; what it throws ends the copying.
    /// - Throws: `SQLiteError`, also (`isBusy`) where another has kept a lock for longer than the connection's busy
    ///   timeout. The target is then what it was before.
    public func copySnapshot(
        to target: Connection, pagesAtOnce: Int = 1_024,
        afterEach: (_ copied: Int, _ pages: Int) throws -> Void = { _, _ in }
    ) throws {
        // BEGIN alone takes no snapshot, the first read does.
        try execute("BEGIN; SELECT count(*) FROM sqlite_schema")
        do {
            try copyPages(to: target, Int32(clamping: pagesAtOnce), afterEach)
        } catch {
            // It has only read; that the transaction cannot be ended either changes nothing for who asked.
            if !isAutocommit { try? execute("ROLLBACK") }
            throw error
        }
        try execute("COMMIT")
    }

    private func copyPages(
        to target: Connection, _ pagesAtOnce: Int32, _ afterEach: (Int, Int) throws -> Void
    ) throws {
        guard let backup = sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw SQLiteError(of: target.handle)
        }
        do {
            var code = sqlite3_backup_step(backup, pagesAtOnce)
            while code == SQLITE_OK {
                let pages = Int(sqlite3_backup_pagecount(backup))
                try afterEach(pages - Int(sqlite3_backup_remaining(backup)), pages)
                code = sqlite3_backup_step(backup, pagesAtOnce)
            }
            // SQLITE_BUSY too: the busy handler has waited by then.
            guard code == SQLITE_DONE else {
                throw SQLiteError(extendedCode: code, message: String(cString: sqlite3_errstr(code)))
            }
        } catch {
            // Undoes what was copied; it repeats the error of the step.
            sqlite3_backup_finish(backup)
            throw error
        }
        guard sqlite3_backup_finish(backup) == SQLITE_OK else { throw SQLiteError(of: target.handle) }
    }
}
