/// The popular products, and the batch that finds them.
public struct PopularProducts: Capability, Sendable {
    let context: Context

    /// The list as the last batch left it. Counts no view.
    public func list() throws -> PopularList {
        try store.read { tx in try tx.popular.list() }
    }

    /// Finds the best-selling listed products, ties broken by most viewed, then newest, and replaces the list.
    ///
    /// Everything slow is read before the write begins, so the shop goes on selling meanwhile.
    public func recompute() throws {
        let now = clock.now()
        let best = try store.read { tx -> [(product: ProductID, sales: Int64)] in
            let sales = try tx.popular.sales(since: windowStart(now))
            return try top(policy.popularCount, sales, tx)
        }
        try store.write { tx in try tx.popular.replace(with: best, at: now) }
    }

    /// The first hour that counts, given the policy's number of hours before the current one.
    func windowStart(_ now: Timestamp) -> Hour { now.hour - policy.popularHours }

    /// Products come in the order that breaks ties, so a later one ranks higher only by selling more. `soldToCome`
    /// counts the sold products still to come: once it is zero and the list is full, the list is final.
    private func top(_ count: Int, _ sales: [ProductID: Int64], _ tx: any Repositories) throws
        -> [(product: ProductID, sales: Int64)]
    {
        var best: [(product: ProductID, sales: Int64)] = []
        var soldToCome = sales.count
        try tx.popular.forEachListed { product in
            let sold = sales[product] ?? 0
            if sold > 0 { soldToCome -= 1 }
            if best.count < count || sold > best[best.count - 1].sales {
                let place = best.firstIndex { $0.sales < sold } ?? best.count
                best.insert((product, sold), at: place)
                if best.count > count { best.removeLast() }
            }
            return best.count < count || soldToCome > 0
        }
        return best
    }
}
