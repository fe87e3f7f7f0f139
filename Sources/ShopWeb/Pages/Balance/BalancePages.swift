import Shop
import Web

/// The balance: charging it, its entries, its course.
struct BalancePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.balance) { visit, _ in
            try visit.balance(nil)
        }
        pages.post(.charges, from: { _ in .balance() }) { visit, _, form in
            let customer = try visit.signedIn().customer
            let amount = Won(form.integer("amount", in: .min ... .max))
            try form.finish()
            // The charge is for an order that can no longer be paid: say so before money moves.
            if try visit.isOver(form.next) { throw FormError(.conflict, "order_not_pending", .errorOrderOver) }
            let receipt = try visit.shop.balances.charge(
                amount, visit.submission("charge", form, of: customer.user.id) { entry in String(entry.id.value) })
            let entry = EntryID(Int64(String(decoding: receipt.bytes, as: UTF8.self)) ?? 0)
            guard let next = form.next else { return .seeOther(.balance(with: entry)) }
            return .seeOther(next, saying: .charged(entry), visit.request)
        } refused: { visit, _, refusal in
            try visit.balance(refusal)
        }
    }
}

extension Visit {
    /// Amounts that one press fills in.
    private static let quickAmounts = [Won(10_000), Won(30_000), Won(50_000), Won(100_000)]
    /// How many entries are drawn, the newest ones.
    private static let drawnEntries = 100

    fileprivate func balance(_ refusal: FormRefusal?) throws -> Response {
        let customer = try signedIn().customer
        let list = Cursor(list: "entries \(customer.user.id.value)")
        var query = try QueryFields(request)
        let asked = query.page(of: list, by: BalanceEntry.self)
        let new = query.text("entry", longest: 20).flatMap { Int64($0) }.map { EntryID($0) }
        let amount = query.text("amount", longest: 20)
        let wanted = OwnPath.path(refusal.map { $0.values["next"] } ?? query.text("next", longest: OwnPath.longest))
        try query.finish()
        let isOver = try isOver(wanted)
        let next = isOver ? nil : wanted
        let balances = shop.balances
        let entries = try balances.entries(of: customer.user.id, before: asked.before, limit: asked.limit)
        let policy = shop.policy
        let newEntry = entries.items.first { $0.id == new && $0.kind == .charge }
        let drawn = try balances.entries(of: customer.user.id, before: nil, limit: Self.drawnEntries).items
        let model = BalancePage(
            balance: wording.won(customer.balance), minimum: wording.won(policy.minimumCharge),
            maximum: wording.won(policy.maximumCharge), limit: wording.won(policy.balanceLimit),
            values: ["amount": amount ?? ""], quick: quickAmounts(next), next: next,
            // A refusal for this reason has said so already.
            isOrderOver: isOver && refusal == nil, entries: entries.items.map { entry($0, isNew: $0.id == new) },
            chart: chart(drawn.reversed()), notice: newEntry.map { charged($0) },
            pages: PageLinks(
                first: asked.before == nil ? nil : .balance(),
                next: entries.next(list) { $0.id.value }.map { .balance(cursor: $0) }))
        return page(model, words(.titleBalance), in: .balance, refusal: refusal)
    }

    /// Whether the next step is to pay an order that is no longer waiting for payment.
    fileprivate func isOver(_ next: String?) throws -> Bool {
        let path = next?.prefix { $0 != "?" }
        guard let id = path.flatMap({ SiteRoute.payment.parameter(in: $0) }).flatMap({ Int64($0) }) else {
            return false
        }
        do {
            let order = try shop.orders.find(OrderID(id), of: try signedIn().customer.user.id)
            return order.status(at: now) != .pending
        } catch ShopError.orderNotFound {
            return false
        }
    }

    /// What a charge made on the way to somewhere else came to.
    func charged(_ id: EntryID) -> String? {
        // One more read; if it fails, the amount is not said here, but it is among the entries.
        let entries = customer.flatMap {
            try? shop.balances.entries(of: $0.user.id, before: EntryID(id.value + 1), limit: 1).items
        }
        guard let entry = entries?.first, entry.id == id, entry.kind == .charge else { return nil }
        return charged(entry)
    }

    private func charged(_ entry: BalanceEntry) -> String {
        words(.noticeCharged, ["amount": .won(entry.amount), "balance": .won(entry.balance)])
    }

    private func quickAmounts(_ next: String?) -> [QuickAmount] {
        Self.quickAmounts.map { amount in
            QuickAmount(label: wording.won(amount), href: SitePath.balance(charging: amount, next: next).text)
        }
    }

    private func entry(_ entry: BalanceEntry, isNew: Bool) -> EntryRow {
        EntryRow(
            id: entry.id.value, kindText: wording.kind(entry.kind), isPayment: entry.amount < .zero,
            amount: wording.change(entry.amount), balance: wording.won(entry.balance),
            at: wording.time(entry.createdAt), isNew: isNew, orderHref: entry.order.map { SitePath.order($0).text },
            reason: entry.reason)
    }

    /// The balance over time as a line in a box of 600 by 160: level between entries, a step at each.
    private func chart(_ entries: [BalanceEntry]) -> BalanceChart? {
        guard let first = entries.first, let last = entries.last, entries.count > 1 else { return nil }
        let (width, height): (Int64, Int64) = (600, 160)
        let high = entries.map(\.balance).max() ?? .zero
        let low = entries.map(\.balance).min() ?? .zero
        let start = first.createdAt.milliseconds
        let length = max(1, last.createdAt.milliseconds - start)
        func x(_ time: Timestamp) -> Int64 { (time.milliseconds - start) * width / length }
        // Keeps the line away from the edges, which would cut it in half.
        func y(_ balance: Won) -> Int64 { height - 4 - balance.amount * (height - 8) / max(1, high.amount) }
        var points: [String] = []
        var level = y(first.balance)
        for entry in entries {
            let at = x(entry.createdAt)
            points.append("\(at),\(level)")
            level = y(entry.balance)
            points.append("\(at),\(level)")
        }
        let label = words(
            .chartLabel,
            [
                "from": .text(wording.text(first.createdAt)), "to": .text(wording.text(last.createdAt)),
                "low": .won(low), "high": .won(high),
            ])
        return BalanceChart(
            points: points.joined(separator: " "),
            area: "0,\(height) " + points.joined(separator: " ") + " \(width),\(height)", low: wording.won(low),
            high: wording.won(high), from: wording.time(first.createdAt), label: label)
    }
}
