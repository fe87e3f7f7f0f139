/// What the staff do with coupons. Each change is told in the trace.
public struct CouponAdministration: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Adds a coupon, which opens and closes by itself at the times of the draft.
    public func add(_ draft: CouponDraft, _ submission: Submission<Coupon>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let coupon = try tx.coupons.add(draft, at: now)
            try tx.trace.add(TraceLine(.couponAdded, .coupon(coupon.id), draft.changes), by: staff, at: now)
            return coupon
        }
    }

    /// Lets nobody take one any more, for good: a coupon that was shown as closed never opens again. Whoever has one
    /// keeps it. Throws `couponNotFound`, and `couponClosed` for one that is closed already.
    public func close(_ id: CouponID, _ submission: Submission<Coupon>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            guard let coupon = try tx.coupons.find(id) else { throw ShopError.couponNotFound }
            guard !coupon.isClosed(at: now), try tx.coupons.close(id, at: now) else { throw ShopError.couponClosed }
            let line = TraceLine(
                .couponClosed, .coupon(id), [TraceChange(.closesAt, coupon.closesAt.milliseconds, now.milliseconds)])
            try tx.trace.add(line, by: staff, at: now)
            guard let closed = try tx.coupons.find(id) else { throw ShopError.couponNotFound }
            return closed
        }
    }
}

extension CouponDraft {
    fileprivate var changes: [TraceChange] {
        let discount =
            switch self.discount {
            case .fixed(let amount): "\(amount.amount)"
            case .percent(let percent, let maximum): "\(percent)%" + (maximum.map { " ≤ \($0.amount)" } ?? "")
            }
        return [
            TraceChange(.name, nil, name),
            TraceChange(.discount, nil, discount),
            TraceChange(.minimumOrderAmount, nil, minimumOrderAmount.amount),
            TraceChange(.quantity, nil, quantity),
            TraceChange(.opensAt, nil, opensAt.milliseconds),
            TraceChange(.closesAt, nil, closesAt.milliseconds),
            TraceChange(.validDays, nil, validDays),
        ]
    }
}

extension Shop {
    /// Throws `forbidden` for who may not add coupons.
    public func couponAdministration(by staff: Staff) throws -> CouponAdministration {
        try staff.check(.addCoupons)
        return CouponAdministration(context: context, staff: staff)
    }
}
