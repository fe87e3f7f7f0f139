import Shop

/// What waits for the staff, each with the list that shows just these.
struct TodayTasks {
    /// So many coupons are named.
    private static let namedCoupons = 3

    let tiles: [Tile]

    init(_ today: TodayWork, _ wording: Wording) {
        let words = wording.words
        var tiles: [Tile] = []
        if today.waiting.count > 0 {
            tiles.append(
                Tile(
                    words(.toDoUnpaid), wording.number(today.waiting.count), [wording.won(today.waiting.amount)],
                    href: .officeOrders(OrderQuery(status: .pending))))
        }
        if today.paid.count > 0 {
            tiles.append(
                Tile(
                    words(.toDoPaid), wording.number(today.paid.count), [wording.won(today.paid.amount)],
                    href: .officeOrders(OrderQuery(from: today.day, to: today.day, isByPayment: true))))
        }
        for (filter, name) in [(ManagedProductQuery.Filter.soldOut, WordKey.toDoSoldOut), (.low, .toDoLow)] {
            guard let count = filter.work.flatMap({ today.products[$0] }), count > 0 else { continue }
            let number = wording.number(Int64(count)) + (count < TodayWork.mostProducts ? "" : "+")
            let list = SitePath.managedProducts(ManagedProductQuery(filter: filter))
            tiles.append(Tile(words(name), number, href: list, isWarning: true))
        }
        if today.corrections > 0 {
            let number =
                wording.number(Int64(today.corrections))
                + (today.corrections < TodayWork.mostCorrections ? "" : "+")
            tiles.append(Tile(words(.toDoCorrections), number, href: .corrections(), isWarning: true))
        }
        let coupons: [([Coupon], WordKey, ManagedCouponFilter)] = [
            (today.endingCoupons, .toDoEnding, .ending), (today.scarceCoupons, .toDoScarce, .scarce),
        ]
        for (coupons, name, filter) in coupons where !coupons.isEmpty {
            let lines = coupons.prefix(Self.namedCoupons).map { coupon in
                words(
                    .toDoCoupon,
                    [
                        "name": .text(coupon.name), "span": .text(wording.span(from: today.now, to: coupon.closesAt)),
                        "remaining": .number(coupon.remaining),
                    ])
            }
            tiles.append(
                Tile(words(name), wording.number(Int64(coupons.count)), lines, href: .officeCoupons(filter)))
        }
        if let late = today.latePopular {
            tiles.append(
                Tile(
                    words(.toDoPopular), wording.lateness(late, today.now), [words(.toDoPopularHint)], isWarning: true))
        }
        if let late = today.lateBackup {
            tiles.append(
                Tile(words(.toDoBackup), wording.lateness(late, today.now), [words(.toDoBackupHint)], isWarning: true))
        }
        self.tiles = tiles
    }
}

/// How today goes, beside the same day a week ago.
struct TodayFigures {
    let tiles: [Tile]

    init(_ today: Today, _ wording: Wording, _ calendar: ShopCalendar) {
        let words = wording.words
        let time = calendar.clock(calendar.firstHour(of: today.day) + today.wholeHours)
        func tile(
            _ name: WordKey, _ figure: (Figures) -> Int64, _ text: (Int64) -> String
        ) -> Tile {
            let number = text(figure(today.figures))
            guard today.wholeHours > 0 else { return Tile(words(name), number) }
            let (value, before) = (figure(today.comparison.today), figure(today.comparison.weekAgo))
            let until = words(
                .compareUntil, ["time": .text(time), "now": .text(text(value)), "before": .text(text(before))])
            return Tile(words(name), number, [until, words(Self.difference(value, before, text))])
        }
        func won(_ amount: Int64) -> String { wording.won(Won(amount)) }
        tiles = [
            tile(.figureOrders, \.orders, wording.number), tile(.figureRevenue, \.revenue.amount, won),
            tile(.figureRefundAmount, \.refundAmount.amount, won), tile(.figureCoupons, \.coupons, wording.number),
            tile(.figureCustomers, \.customers, wording.number),
        ]
    }

    /// How much more or less, in words and with a sign.
    private static func difference(_ value: Int64, _ before: Int64, _ text: (Int64) -> String) -> Phrase {
        if value == before { return Phrase(.compareSame) }
        let difference = Phrase.Value.text(text(abs(value - before)))
        guard before > 0 else { return Phrase(.compareMore, ["difference": difference]) }
        let percent = (abs(value - before) * 100 + before / 2) / before
        return Phrase(
            value > before ? .compareMorePercent : .compareLessPercent,
            ["difference": difference, "percent": .number(percent)])
    }
}

extension Wording {
    fileprivate func lateness(_ lateness: Lateness, _ now: Timestamp) -> String {
        switch lateness {
        case .since(let time): words(.lateAgo, ["span": .text(span(from: time, to: now))])
        case .never: words(.lateNever)
        case .off: words(.lateOff)
        }
    }
}
