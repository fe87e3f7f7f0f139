/// What the staff look at first: what waits for them, and how today goes.
@dynamicMemberLookup
public struct Today: Sendable {
    /// So many days are shown beside each other, today among them.
    static let shownDays: Int64 = 28

    /// No more coupons of a kind than this, the newest, are looked at.
    static let mostCoupons = 1_000

    /// What waits.
    public let work: TodayWork
    /// Since midnight.
    public let figures: Figures
    /// How many hours of today are over; both of `comparison` have so many.
    public let wholeHours: Int64
    /// The hours that are over, today and on the same day a week ago: none in the first hour of a day.
    public let comparison: (today: Figures, weekAgo: Figures)
    /// Each hour of today up to the one that runs, and each of the same day a week ago.
    public let hours: (today: FigureReport, weekAgo: FigureReport)
    /// Each of the last 28 days, today among them.
    public let days: FigureReport

    public subscript<Member>(dynamicMember member: KeyPath<TodayWork, Member>) -> Member { work[keyPath: member] }
}

/// Something that a timer does, and has not done for too long.
public enum Lateness: Sendable, Equatable {
    case since(Timestamp)
    case never
    /// Nobody has set it up.
    case off
}

/// Tells of the last good backup; handed in, as it lies outside of the database.
public struct BackupWatch: Sendable {
    /// A backup is made every night, after a random delay of some minutes, and takes a while.
    public static let lateAfter = Timestamp.Span.hours(27)

    public enum Last: Sendable, Equatable {
        case at(Timestamp)
        case never
        /// No backups are to be made.
        case off
    }

    public let last: @Sendable () -> Last

    public init(last: @escaping @Sendable () -> Last) { self.last = last }

    public static let off = BackupWatch { .off }

    /// nil if the last backup is young enough.
    func lateness(at now: Timestamp) -> Lateness? {
        switch last() {
        case .off: .off
        case .never: .never
        case .at(let time): now < time + Self.lateAfter ? nil : .since(time)
        }
    }
}

extension FigureReports {
    /// What waits for the staff now, and how today goes, all of it at one time.
    ///
    /// - Parameter staff: whose work it tells of, and no other; nil for all that waits.
    public func today(for staff: Staff? = nil) throws -> Today {
        let (now, calendar) = (clock.now(), policy.calendar)
        let day = calendar.day(of: now)
        let first = calendar.firstHour(of: day)
        let firstWeekAgo = calendar.firstHour(of: day - 7)
        let shown = day - (Today.shownDays - 1)...day
        return try store.read { tx in
            let all = try tx.figures.hours(calendar.firstHour(of: shown.lowerBound)..<calendar.firstHour(of: day + 1))
            func sum(_ hours: Range<Hour>) -> Figures {
                all.reduce(into: Figures()) { if hours.contains($1.hour) { $0 += $1.figures } }
            }
            func report(_ day: Day) -> FigureReport {
                let hours = calendar.hours(of: day...day)
                return FigureReport(
                    FigureQuery(day...day, by: .hour), all.filter { hours.contains($0.hour) }, calendar)
            }
            // Where clocks differ by a part of an hour, midnight is in an hour of the day before.
            let over = max(0, now.hour - first)
            return Today(
                work: try TodayWork(context, at: now, tx) { staff?.may($0) ?? true },
                figures: sum(first..<max(first, now.hour + 1)), wholeHours: over,
                comparison: (sum(first..<first + over), sum(firstWeekAgo..<firstWeekAgo + over)),
                hours: (report(day), report(day - 7)),
                days: FigureReport(FigureQuery(shown, by: .day), all, calendar))
        }
    }
}

extension CouponRepository {
    /// What the staff's list of coupons finds, up to `Today.mostCoupons`.
    func all(_ filter: ManagedCouponFilter, at now: Timestamp) throws -> [Coupon] {
        try list(filter, at: now, before: nil, limit: Today.mostCoupons).items
    }
}

extension PopularProducts {
    /// They are computed every quarter of an hour; this is two missed runs.
    public static let lateAfter = Timestamp.Span.minutes(45)

    /// nil if they were computed not too long ago.
    static func lateness(_ last: Timestamp?, at now: Timestamp) -> Lateness? {
        guard let last else { return .never }
        return now < last + lateAfter ? nil : .since(last)
    }
}
