import Shop
import Web

/// The customers, for the staff.
struct CustomersAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/admin/customers") { request, _ in
            let customers = try shop.customers(for: access.staff(request).staff)
            let input = try CustomerListInput(request, of: customers)
            return .json { json in
                json.page(ListPage(input.list.customers, hasMore: input.next != nil), next: input.next) {
                    $0.value($1)
                }
            }
        }
        api.on(.get, "/admin/customers.csv") { request, _ in
            let customers = try shop.customers(forFileOf: access.staff(request).staff)
            return try customersFile(request, of: customers).response(downloads)
        }
        api.on(.get, "/admin/customers/:id") { request, path in
            let customers = try shop.customers(for: access.staff(request).staff)
            let customer = try customers.find(path.id(User.self, else: .accountNotFound))
            return .json { $0.value(customer) }
        }
        addLists(to: &api)
        api.on(.get, "/admin/customers/:id/sessions") { request, path in
            let customers = try shop.customers(for: access.staff(request).staff)
            let sessions = try customers.sessions(of: path.id(User.self, else: .accountNotFound))
            return .json { json in
                json.object { json in
                    json.name("items")
                    json.array(sessions) { $0.value($1) }
                }
            }
        }
        api.on(.delete, "/admin/customers/:id/sessions") { request, path in
            let ending = try shop.sessionEnding(by: access.staff(request).staff)
            let ended = try ending.endSessions(of: path.id(User.self, else: .accountNotFound))
            return .json { $0.ended(ended) }
        }
        api.on(.delete, "/admin/customers/:id") { request, path in
            let closing = try shop.accountClosing(by: access.staff(request).staff)
            let ended = try closing.close(path.id(User.self, else: .accountNotFound))
            return .json { $0.ended(ended) }
        }
    }

    /// What lies behind one customer, newest first.
    private func addLists(to api: inout RouterGroup) {
        api.on(.get, "/admin/customers/:id/entries") { request, path in
            let customers = try shop.customers(for: access.staff(request).staff)
            let id = try path.id(User.self, else: .accountNotFound)
            return try Self.page("entries \(id.value)", of: BalanceEntry.self, request, \.id) {
                try customers.entries(of: id, before: $0, limit: $1)
            } item: {
                $0.value($1)
            }
        }
        api.on(.get, "/admin/customers/:id/entries.csv") { request, path in
            let customers = try shop.customers(forFileOf: access.staff(request).staff)
            return try entriesFile(of: path.id(User.self, else: .accountNotFound), in: customers).response(downloads)
        }
        api.on(.get, "/admin/customers/:id/coupons.csv") { request, path in
            let customers = try shop.customers(forFileOf: access.staff(request).staff)
            let id = try path.id(User.self, else: .accountNotFound)
            return try customerCouponsFile(of: id, in: customers, at: shop.clock.now()).response(downloads)
        }
        api.on(.get, "/admin/customers/:id/orders") { request, path in
            let customers = try shop.customers(for: access.staff(request).staff)
            let id = try path.id(User.self, else: .accountNotFound)
            let now = shop.clock.now()
            return try Self.page("orders \(id.value)", of: Order.self, request, \.id) {
                try customers.orders(of: id, before: $0, limit: $1)
            } item: {
                $0.value($1, at: now)
            }
        }
        api.on(.get, "/admin/customers/:id/coupons") { request, path in
            let customers = try shop.customers(for: access.staff(request).staff)
            let id = try path.id(User.self, else: .accountNotFound)
            let now = shop.clock.now()
            return try Self.page("coupons \(id.value)", of: UserCoupon.self, request, \.id) {
                try customers.coupons(of: id, before: $0, limit: $1)
            } item: {
                $0.value($1, at: now)
            }
        }
        api.on(.get, "/admin/customers/:id/corrections") { request, path in
            let customers = try shop.customers(for: access.staff(request).staff)
            let id = try path.id(User.self, else: .accountNotFound)
            let now = shop.clock.now()
            return try Self.page("corrections \(id.value)", of: BalanceCorrection.self, request, \.id) {
                try customers.corrections(of: id, before: $0, limit: $1)
            } item: {
                $0.value($1, at: now)
            }
        }
    }

    private static func page<Item>(
        _ name: String, of _: Item.Type, _ request: Request, _ id: (Item) -> ID<Item>,
        _ fetch: (ID<Item>?, Int) throws -> ListPage<Item>, item: (inout JSONWriter, Item) -> Void
    ) throws -> Response {
        let list = Cursor(list: name)
        var query = try QueryFields(request)
        let asked = query.page(of: list, by: Item.self)
        try query.finish()
        let page = try fetch(asked.before, asked.limit)
        return .json { json in
            json.page(page, cursor: { list.text(id($0).value) }, item: item)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ customer: CustomerSummary) {
        object { json in
            json.member("id", customer.id)
            json.member("login", customer.user.login)
            json.member("name", customer.user.name)
            json.member("role", customer.user.role.rawValue)
            json.member("balance", customer.balance)
            json.member("createdAt", customer.user.createdAt)
            json.member("closedAt", customer.closedAt)
        }
    }

    mutating func value(_ session: SessionInfo) {
        object { json in
            json.member("createdAt", session.createdAt)
            json.member("lastUsedAt", session.lastUsedAt)
            json.optional("device", session.device)
            json.optional("network", session.network)
        }
    }

    /// How many sessions ended.
    mutating func ended(_ sessions: Int) {
        object { json in json.member("sessionsEnded", Int64(sessions)) }
    }
}
