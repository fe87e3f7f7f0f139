import CSQLite

extension Connection {
    /// Copies the whole database, as it is now, over that of `target`, while others go on writing to this one.
    ///
    /// One read transaction is held from the first page to the last. SQLite's backup starts over whenever somebody has
    /// written between two steps, so in a busy shop it would never end; within a transaction it stays with its
    /// snapshot, and in WAL mode no writer waits for that. The price: the WAL cannot start over until the copy is done,
    /// and grows by what is written meanwhile. VACUUM INTO reads one snapshot, too, but in one statement that takes
    /// every row apart and cannot pause.
    ///
    /// - Parameters:
    ///   - pagesAtOnce: how much is copied between calls of `afterEach`: by default 4 MiB of 4 KiB pages.
    ///   - afterEach: receives the number of pages copied and their total; an error it throws ends the copying.
    /// - Throws: `SQLiteError`, also (`isBusy`) if another has held a lock for longer than the connection's busy
    ///   timeout. The target is then unchanged.
    public func copySnapshot(
        to target: Connection, pagesAtOnce: Int = 1_024,
        afterEach: (_ copied: Int, _ pages: Int) throws -> Void = { _, _ in }
    ) throws {
        // BEGIN alone takes no snapshot; the first read does.
        try execute("BEGIN; SELECT count(*) FROM sqlite_schema")
        do {
            try copyPages(to: target, Int32(clamping: pagesAtOnce), afterEach)
        } catch {
            // It has only read; whether the transaction can be ended makes no difference to the caller.
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
            // Undoes what was copied; returns the step's error again.
            sqlite3_backup_finish(backup)
            throw error
        }
        guard sqlite3_backup_finish(backup) == SQLITE_OK else { throw SQLiteError(of: target.handle) }
    }
}
