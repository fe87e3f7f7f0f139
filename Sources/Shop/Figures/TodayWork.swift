/// What waits for the staff, as much of it as somebody may see.
public struct TodayWork: Sendable {
    /// No more products than this are counted.
    public static let mostProducts = 1_000
    /// No more corrections than this are counted.
    public static let mostCorrections = 100

    public let now: Timestamp
    public let day: Day
    /// Orders that can still be paid.
    public let waiting: WaitingOrders
    /// Orders paid since midnight, whatever became of them since, and for how much.
    public let paid: (count: Int64, amount: Won)
    /// How many products are to be seen to, counted up to `mostProducts`.
    public let products: [ManagedProductQuery.Work: Int]
    /// How many corrections of balances wait for a second person, counted up to `mostCorrections`.
    public let corrections: Int
    /// Coupons that can be taken and are about to end, the first to end first.
    public let endingCoupons: [Coupon]
    /// Coupons that can be taken and are nearly gone, the one with the fewest first.
    public let scarceCoupons: [Coupon]
    /// nil if the popular products are computed in time.
    public let latePopular: Lateness?
    /// nil if there is a backup of the last night.
    public let lateBackup: Lateness?

    /// - Parameter may: what is left out where it does not.
    init(
        _ context: Context, at now: Timestamp, _ tx: any Repositories, may: (Permission) -> Bool
    ) throws {
        let calendar = context.policy.calendar
        self.now = now
        day = calendar.day(of: now)
        if may(.readOrders) {
            let hours = try tx.figures.hours(calendar.hours(of: day...day))
            waiting = try tx.figures.waiting(at: now)
            paid = hours.reduce((0, .zero)) { ($0.0 + $1.figures.paid, $0.1 + $1.figures.revenue) }
        } else {
            waiting = WaitingOrders(count: 0, amount: .zero)
            paid = (0, .zero)
        }
        let work: [ManagedProductQuery.Work] = may(.readProducts) ? [.soldOut, .low] : []
        products = Dictionary(
            uniqueKeysWithValues: try work.map { ($0, try tx.products.count($0, atMost: Self.mostProducts)) })
        corrections =
            may(.correctBalances)
            ? try tx.corrections.waiting(at: now, after: nil, limit: Self.mostCorrections).items.count : 0
        let seesCoupons = may(.readCoupons)
        endingCoupons =
            seesCoupons ? try tx.coupons.all(.ending, at: now).sorted { $0.closesAt < $1.closesAt } : []
        scarceCoupons =
            seesCoupons ? try tx.coupons.all(.scarce, at: now).sorted { $0.remaining < $1.remaining } : []
        // Of the machine: for whoever sees how the shop does.
        let sees = may(.readFigures)
        latePopular = sees ? PopularProducts.lateness(try tx.popular.list().computedAt, at: now) : nil
        lateBackup = sees ? context.backups.lateness(at: now) : nil
    }
}

extension Shop {
    /// What waits for somebody of the staff: of what they may see, that alone.
    public func work(for staff: Staff) throws -> TodayWork {
        let now = context.clock.now()
        return try context.store.read { tx in try TodayWork(context, at: now, tx, may: staff.may) }
    }
}
