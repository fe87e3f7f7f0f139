/// What the batch tidies up besides the popular list. Each step is a short write, so that the shop gets its turn in
/// between.
public struct Housekeeping: Capability, Sendable {
    /// What one run did.
    public struct Report: Sendable, Equatable {
        /// How much further than the uptime the clock has gone since the last run; if set, nothing was done. What a
        /// wrong clock makes the shop forget stays forgotten, and a charge that is sent again happens twice.
        public var unexplained: Timestamp.Span?
        public var expiredOrders = 0
        /// Coupons whose time is over: closed from now on, whatever the clock says.
        public var closedCoupons = 0
        public var forgottenKeys = 0
        public var endedSessions = 0
        /// Sales of an hour that are kept by their day from now on.
        public var movedSales = 0
        public var forgottenLogins = 0
        public var forgottenBaskets = 0
        public var forgottenPrograms = 0
        /// Rows of files of products that were given in long ago.
        public var forgottenRows = 0
        public var clearedPictures = 0
        /// Why pictures were not cleared, or not all of them; nil if they were. All else was done.
        public var pictureTrouble: String?
    }

    /// Rows changed in one write; takes a few milliseconds.
    static let rowsPerWrite = 1_000

    /// Pictures cleared at once; takes a few milliseconds, in which an upload waits.
    static let picturesAtOnce = 20

    /// How long after a look for strays comes the next. It goes through all files.
    static let straysAfter = Timestamp.Span.days(1)

    /// A gap that a restart of the machine explains.
    static let shortOff = Timestamp.Span.hours(1)

    let context: Context

    /// - Parameter clockIsRight: whether somebody has checked the clock.
    public func run(clockIsRight: Bool = false) throws -> Report {
        let reading = ClockReading(at: clock.now(), uptime: context.uptime.now())
        let now = reading.at
        let firstHour = PopularProducts(context: context).windowStart(now)
        var report = Report()
        if let unexplained = try unexplained(reading), !clockIsRight {
            report.unexplained = unexplained
            return report
        }
        // Before anything that can fail for reasons of its own: otherwise that would hold up all else after the next restart.
        try store.write { tx in try tx.clock.trust(reading) }
        report.expiredOrders = try repeatedly { tx, limit in
            try Orders(context: context).expire(at: now, limit: limit, tx)
        }
        report.closedCoupons = try repeatedly { tx, limit in try tx.coupons.closeRunOut(by: now, limit: limit) }
        report.forgottenKeys = try repeatedly { tx, limit in
            try tx.idempotency.forget(before: now - policy.idempotencyLifetime, limit: limit)
        }
        report.endedSessions = try repeatedly { tx, limit in
            try tx.accounts.endSessions(
                expiredBy: now, unusedSince: now - policy.sessionIdleLifetime, limit: limit)
        }
        report.movedSales = try repeatedly { tx, limit in
            try tx.figures.moveSales(before: firstHour, limit: limit) { policy.calendar.day(of: $0.start) }
        }
        report.forgottenLogins = try repeatedly { tx, limit in
            try tx.accounts.forgetFailedLogins(before: now - LoginThrottle.forgottenAfter, limit: limit)
        }
        report.forgottenBaskets = try repeatedly { tx, limit in
            try tx.baskets.forgetVisitors(unusedSince: now - policy.visitorBasketLifetime, limit: limit)
        }
        report.forgottenPrograms = try repeatedly { tx, limit in
            try tx.accounts.forgetPrograms(before: now - Accounts.programsKnownFor, limit: limit)
        }
        report.forgottenRows = try repeatedly { tx, limit in
            try tx.imports.forget(before: now - ProductImport.lifetime, limit: limit)
        }
        do {
            try clearPictures(unusedSince: now - policy.unusedPictureLifetime, at: now) { report.clearedPictures += $0 }
        } catch {
            report.pictureTrouble = (error as? UnavailableError)?.reason ?? "\(error)"
        }
        return report
    }

    /// nil if the clock can be right.
    private func unexplained(_ reading: ClockReading) throws -> Timestamp.Span? {
        guard let trusted = try store.read({ tx in try tx.clock.trusted() }) else { return nil }
        let unexplained = reading.unexplained(since: trusted)
        return unexplained > Self.shortOff ? unexplained : nil
    }

    /// Removes the pictures that no product names, and once a day what was left by processes that ended while they made one.
    private func clearPictures(unusedSince time: Timestamp, at now: Timestamp, _ count: (Int) -> Void) throws {
        let pictures = context.pictures
        for _ in 0..<Self.rowsPerWrite / Self.picturesAtOnce {
            // Nobody makes pictures meanwhile: the same one might come again.
            let cleared = try pictures.whileNobodyMakes {
                let unused = try store.lookUp { tx in try tx.pictures.unused(since: time, limit: Self.picturesAtOnce) }
                guard !unused.isEmpty else { return 0 }
                // The rows go last: if this is interrupted in between, the next run finds them again.
                for picture in unused { try pictures.remove(picture) }
                try store.write { tx in for picture in unused { try tx.pictures.forget(picture.hash) } }
                return unused.count
            }
            // What is left goes with the next run.
            guard let cleared else { return }
            count(cleared)
            if cleared < Self.picturesAtOnce { break }
        }
        if let last = try pictures.lastLookForStrays(), last <= now, now - Self.straysAfter < last { return }
        try pictures.removeStrays(before: time, at: now) { hash in
            try store.lookUp { tx in try tx.pictures.find(hash) } != nil
        }
    }

    private func repeatedly(_ step: (any Repositories, _ limit: Int) throws -> Int) throws -> Int {
        var total = 0
        while true {
            let changed = try store.write { tx in try step(tx, Self.rowsPerWrite) }
            total += changed
            if changed < Self.rowsPerWrite { return total }
        }
    }
}
