import Shop
import Web

/// One customer: what they have, all entries of their balance, and all their coupons.
struct CustomerPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.customer) { visit, staff, path in
            try visit.customer(path.id(User.self, else: .accountNotFound), staff, nil)
        }
        pages.getForStaff(.customerEntries) { visit, staff, path in
            try visit.entries(of: path.id(User.self, else: .accountNotFound), staff)
        }
        pages.getFileForStaff(.entriesFile, on: .customerEntries) { visit, staff, path in
            let customers = try visit.shop.customers(forFileOf: staff)
            return entriesFile(of: try path.id(User.self, else: .accountNotFound), in: customers)
        }
        pages.getForStaff(.customerCoupons) { visit, staff, path in
            try visit.coupons(of: path.id(User.self, else: .accountNotFound), staff)
        }
        pages.getFileForStaff(.customerCouponsFile, on: .customerCoupons) { visit, staff, path in
            let customers = try visit.shop.customers(forFileOf: staff)
            return customerCouponsFile(
                of: try path.id(User.self, else: .accountNotFound), in: customers, at: visit.now)
        }
    }
}

extension ListPage {
    /// Whether there is something, and all of it is here.
    fileprivate var isWholeList: Bool { !items.isEmpty && !hasMore }
}

extension Visit {
    /// How many of each list one page shows.
    private static let shown = 5

    func customer(_ id: UserID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let overview = try shop.customers(for: staff).overview(of: id, limit: Self.shown)
        let (customer, user) = (overview.summary, overview.summary.user)
        let model = CustomerPage(
            id: id.value, login: user.login, name: wording.named(user.name),
            role: user.role.isStaff ? wording.name("role", user.role) : nil, since: wording.time(user.createdAt),
            closedAt: customer.closedAt.map { wording.time($0) }, balance: wording.won(customer.balance),
            entries: overview.entries.items.map { officeEntry($0, staff) },
            entriesHref: overview.entries.hasMore ? SitePath.customerEntries(id).text : nil,
            entriesFileHref: overview.entries.isWholeList ? SitePath.entriesFile(of: id).text : nil,
            orders: overview.orders.items.map { row($0, staff) },
            ordersHref: staff.may(.readOrders) ? SitePath.officeOrders(OrderQuery(login: user.login)).text : nil,
            coupons: overview.coupons.items.map { row($0, staff) },
            couponsHref: overview.coupons.hasMore ? SitePath.customerCoupons(id).text : nil,
            couponsFileHref: overview.coupons.isWholeList ? SitePath.customerCouponsFile(of: id).text : nil,
            corrections: overview.corrections.items.map { row($0, of: customer, staff) },
            sessions: overview.sessions.map { sessionRow($0) }, actions: actions(customer, staff))
        return officePage(model, user.login, in: .customers, by: staff, refusal: refusal)
    }

    private func actions(_ customer: CustomerSummary, _ staff: Staff) -> CustomerActions {
        let (id, isStaff) = (customer.id, customer.user.role.isStaff)
        return CustomerActions(
            correctHref: staff.may(.correctBalances) && staff.user != id ? SitePath.correctBalance(id).text : nil,
            endSessionsHref: staff.may(.endSessions) && !isStaff ? SitePath.endCustomerSessions(id).text : nil,
            closeHref: staff.may(.closeCustomers) && !isStaff && customer.closedAt == nil
                ? SitePath.closeCustomer(id).text : nil,
            traceHref: staff.may(.readTrace)
                ? SitePath.trace(TraceQuery(of: TraceSubject(.account, id.value))).text : nil,
            staffHref: staff.may(.manageAccounts) && isStaff ? SitePath.staffAccount(id).text : nil)
    }

    fileprivate func entries(of id: UserID, _ staff: Staff) throws -> Response {
        let customers = try shop.customers(for: staff)
        let customer = try customers.find(id)
        let list = Cursor(list: "entries \(id.value)")
        var query = try QueryFields(request)
        let asked = query.page(of: list, by: BalanceEntry.self, usual: CustomerQuery.usualLimit)
        try query.finish()
        let entries = try customers.entries(of: id, before: asked.before, limit: asked.limit)
        let model = CustomerEntriesPage(
            login: customer.user.login, customerHref: SitePath.customer(id).text,
            balance: wording.won(customer.balance), entries: entries.items.map { officeEntry($0, staff) },
            fileHref: SitePath.entriesFile(of: id).text,
            pages: PageLinks(
                first: asked.before == nil ? nil : .customerEntries(id),
                next: entries.next(list) { $0.id.value }.map { .customerEntries(id, cursor: $0) }))
        return officePage(model, words(.titleCustomerEntries), in: .customers, by: staff)
    }

    fileprivate func coupons(of id: UserID, _ staff: Staff) throws -> Response {
        let customers = try shop.customers(for: staff)
        let customer = try customers.find(id)
        let list = Cursor(list: "coupons \(id.value)")
        var query = try QueryFields(request)
        let asked = query.page(of: list, by: UserCoupon.self, usual: CustomerQuery.usualLimit)
        try query.finish()
        let coupons = try customers.coupons(of: id, before: asked.before, limit: asked.limit)
        let model = CustomerCouponsPage(
            login: customer.user.login, customerHref: SitePath.customer(id).text,
            coupons: coupons.items.map { row($0, staff) }, fileHref: SitePath.customerCouponsFile(of: id).text,
            pages: PageLinks(
                first: asked.before == nil ? nil : .customerCoupons(id),
                next: coupons.next(list) { $0.id.value }.map { .customerCoupons(id, cursor: $0) }))
        return officePage(model, words(.titleCustomerCoupons), in: .customers, by: staff)
    }

    private func officeEntry(_ entry: BalanceEntry, _ staff: Staff) -> EntryRow {
        EntryRow(
            id: entry.id.value, kindText: wording.kind(entry.kind), isPayment: entry.amount < .zero,
            amount: wording.change(entry.amount), balance: wording.won(entry.balance),
            at: wording.time(entry.createdAt), isNew: false,
            orderHref: staff.may(.readOrders) ? entry.order.map { SitePath.officeOrder($0).text } : nil,
            reason: entry.reason)
    }

    private func row(_ order: Order, _ staff: Staff) -> CustomerOrderRow {
        let status = order.status(at: now)
        return CustomerOrderRow(
            id: order.id.value, href: staff.may(.readOrders) ? SitePath.officeOrder(order.id).text : nil,
            summary: wording.named(summary(of: order)),
            status: status.rawValue, statusText: wording.status(status), createdAt: wording.time(order.createdAt),
            final: wording.won(order.final))
    }

    private func row(_ coupon: UserCoupon, _ staff: Staff) -> CustomerCouponRow {
        CustomerCouponRow(
            id: coupon.id.value, href: staff.may(.readCoupons) ? SitePath.officeCoupon(coupon.coupon).text : nil,
            name: wording.named(coupon.name), discount: wording.discount(coupon.discount),
            statusText: wording.name("held", coupon.status(at: now)), expiresAt: wording.time(coupon.expiresAt))
    }

    func row(_ correction: BalanceCorrection, of customer: CustomerSummary, _ staff: Staff) -> CorrectionRow {
        let status = correction.status(at: now)
        let isWaiting = status == .waiting
        return CorrectionRow(
            id: correction.id.value,
            href: isWaiting && staff.may(.correctBalances) ? SitePath.correction(correction.id).text : nil,
            amount: wording.change(correction.amount), reason: correction.reason,
            status: wording.name("correction", status), isWaiting: isWaiting, askedBy: correction.asked.login,
            askedAt: wording.time(correction.askedAt), decidedBy: correction.decided?.login,
            customer: customer.user.login, customerHref: SitePath.customer(customer.id).text,
            endsAt: correction.endsAt.map { wording.time($0) })
    }

    func sessionRow(_ session: SessionInfo) -> CustomerSessionRow {
        CustomerSessionRow(
            startedAt: wording.time(session.createdAt), lastUsedAt: wording.time(session.lastUsedAt),
            from: origin(of: session))
    }
}
