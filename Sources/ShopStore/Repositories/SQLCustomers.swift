import SQLite
import Shop

struct SQLCustomers: CustomerRepository {
    let sql: Connection

    func find(_ id: UserID) throws -> CustomerSummary? {
        try sql.first(
            """
            SELECT \(CustomerSummary.Column.self) FROM users CROSS JOIN balances ON balances.user_id = users.id
            WHERE users.id = ?
            """, id.value, read: CustomerSummary.init)
    }

    func hasOwner(besides user: UserID) throws -> Bool {
        try sql.first(
            "SELECT 1 FROM users WHERE role = 'owner' AND closed_at IS NULL AND id <> ? LIMIT 1", user.value
        ) { _ in true } ?? false
    }

    func rolesOfStaff(besides user: UserID) throws -> [Role] {
        try sql.all(
            """
            SELECT role FROM users INDEXED BY users_staff
            WHERE role <> 'customer' AND id > 0 AND id <> ? AND closed_at IS NULL
            """, user.value
        ) { try $0.choice(0) }
    }

    // MARK: The list

    func list(
        _ query: CustomerQuery, after position: CustomerQuery.Position?, limit: Int
    ) throws -> CustomerList {
        // One more than the page holds tells whether there is a next one.
        let wanted = limit + 1
        guard !query.text.isEmpty else {
            let found = try newest(in: query.group, before: position?.last, limit: wanted)
            return Self.page(found.map { ($0, .any) }, limit)
        }
        var found: [(customer: CustomerSummary, way: CustomerQuery.Way)] = []
        if position == nil, let customer = try query.number.flatMap({ try find($0) }), customer.isIn(query.group) {
            found.append((customer, .number))
        }
        let search = Search(query)
        if position?.way != .name {
            // Every character of a login sorts behind this one: what follows a login begins here.
            let last = try position.flatMap { $0.way == .login ? try loginKey($0.last) : nil }
            let start = last.map { $0 + "!" } ?? search.key
            found += try byLogin(search, from: start, in: query.group, limit: wanted - found.count)
                .map { ($0, .login) }
        }
        guard found.count < wanted else { return Self.page(found, limit) }
        let last = try position.flatMap { $0.way == .name ? try nameKey($0.last) : nil }
        let named = try byName(
            search, after: last ?? (search.key, 0), in: query.group, limit: wanted - found.count)
        found += named.found.map { ($0, .name) }
        guard let end = named.end else { return Self.page(found, limit) }
        return CustomerList(found.map(\.customer), next: CustomerQuery.Position(.name, end), hasLookedEnough: true)
    }

    /// So many names are looked at for one page: accounts that are found by their login are passed over.
    private static let longestLook = 1_000

    /// What a text is looked for by.
    private struct Search {
        let key: String
        /// Behind all texts that begin with the key.
        let end: String
        /// The account with this number is found by it already; 0 for none.
        let number: Int64

        init(_ query: CustomerQuery) {
            // As SQLite's lower(): Latin letters only.
            key = String(
                String.UnicodeScalarView(
                    query.text.unicodeScalars.map { scalar in
                        ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
                    }))
            end = key + "\u{10FFFF}"
            number = query.number?.value ?? 0
        }

        /// Whether the account is found by its login.
        func findsLogin(of customer: CustomerSummary) -> Bool {
            customer.user.login.lowercased().utf8.starts(with: key.utf8)
        }
    }

    private static func page(
        _ found: [(customer: CustomerSummary, way: CustomerQuery.Way)], _ limit: Int
    ) -> CustomerList {
        let shown = found.prefix(limit)
        let next = found.count > limit ? shown.last.map { CustomerQuery.Position($0.way, $0.customer.id) } : nil
        return CustomerList(shown.map(\.customer), next: next)
    }

    /// Logins and names stay as they are, so an account's place in the list is found by its number.
    private func loginKey(_ id: UserID) throws -> String? {
        try sql.first("SELECT login_key FROM users WHERE id = ?", id.value) { $0.text(0) }
    }

    private func nameKey(_ id: UserID) throws -> (key: String, id: Int64)? {
        try sql.first("SELECT name_key FROM users WHERE id = ?", id.value) { ($0.text(0), id.value) }
    }

    private func newest(
        in group: CustomerQuery.Group, before: UserID?, limit: Int
    ) throws -> [CustomerSummary] {
        let before = before?.value ?? .max
        switch group {
        case .all:
            return try sql.all(
                """
                SELECT \(CustomerSummary.Column.self) FROM users CROSS JOIN balances ON balances.user_id = users.id
                WHERE users.id < ? ORDER BY users.id DESC LIMIT ?
                """, before, limit, read: CustomerSummary.init)
        case .staff:
            return try sql.all(
                """
                SELECT \(CustomerSummary.Column.self) FROM users INDEXED BY users_staff
                    CROSS JOIN balances ON balances.user_id = users.id
                WHERE role <> 'customer' AND users.id < ? ORDER BY users.id DESC LIMIT ?
                """, before, limit, read: CustomerSummary.init)
        case .closed:
            return try sql.all(
                """
                SELECT \(CustomerSummary.Column.self) FROM users INDEXED BY users_closed
                    CROSS JOIN balances ON balances.user_id = users.id
                WHERE closed_at IS NOT NULL AND users.id < ? ORDER BY users.id DESC LIMIT ?
                """, before, limit, read: CustomerSummary.init)
        }
    }

    private func byLogin(
        _ search: Search, from start: String, in group: CustomerQuery.Group, limit: Int
    ) throws -> [CustomerSummary] {
        switch group {
        case .all:
            return try sql.all(
                """
                SELECT \(CustomerSummary.Column.self) FROM users CROSS JOIN balances ON balances.user_id = users.id
                WHERE login_key >= ? AND login_key < ? AND users.id <> ? ORDER BY login_key LIMIT ?
                """, start, search.end, search.number, limit, read: CustomerSummary.init)
        case .staff:
            return try sql.all(
                """
                SELECT \(CustomerSummary.Column.self) FROM users INDEXED BY users_staff_login
                    CROSS JOIN balances ON balances.user_id = users.id
                WHERE role <> 'customer' AND login_key >= ? AND login_key < ? AND users.id <> ?
                ORDER BY login_key LIMIT ?
                """, start, search.end, search.number, limit, read: CustomerSummary.init)
        case .closed:
            return try sql.all(
                """
                SELECT \(CustomerSummary.Column.self) FROM users INDEXED BY users_closed_login
                    CROSS JOIN balances ON balances.user_id = users.id
                WHERE closed_at IS NOT NULL AND login_key >= ? AND login_key < ? AND users.id <> ?
                ORDER BY login_key LIMIT ?
                """, start, search.end, search.number, limit, read: CustomerSummary.init)
        }
    }

    /// Leaves out who is found by their login. Where it has looked at many in vain, it says behind whom to go on.
    private func byName(
        _ search: Search, after: (key: String, id: Int64), in group: CustomerQuery.Group, limit: Int
    ) throws -> (found: [CustomerSummary], end: UserID?) {
        var (found, looked): ([CustomerSummary], Int) = ([], 0)
        var last, end: UserID?
        func look(_ row: borrowing Row) throws -> Bool {
            if looked == Self.longestLook {
                end = last
                return false
            }
            looked += 1
            let customer = try CustomerSummary(row)
            last = customer.id
            if !search.findsLogin(of: customer) { found.append(customer) }
            return found.count < limit
        }
        switch group {
        case .all:
            try sql.forEachUntil(
                """
                SELECT \(CustomerSummary.Column.self) FROM users CROSS JOIN balances ON balances.user_id = users.id
                WHERE (name_key, users.id) > (?, ?) AND name_key < ? AND users.id <> ? ORDER BY name_key, users.id
                """, after.key, after.id, search.end, search.number, body: look)
        case .staff:
            try sql.forEachUntil(
                """
                SELECT \(CustomerSummary.Column.self) FROM users INDEXED BY users_staff_name
                    CROSS JOIN balances ON balances.user_id = users.id
                WHERE role <> 'customer' AND (name_key, users.id) > (?, ?) AND name_key < ? AND users.id <> ?
                ORDER BY name_key, users.id
                """, after.key, after.id, search.end, search.number, body: look)
        case .closed:
            try sql.forEachUntil(
                """
                SELECT \(CustomerSummary.Column.self) FROM users INDEXED BY users_closed_name
                    CROSS JOIN balances ON balances.user_id = users.id
                WHERE closed_at IS NOT NULL AND (name_key, users.id) > (?, ?) AND name_key < ? AND users.id <> ?
                ORDER BY name_key, users.id
                """, after.key, after.id, search.end, search.number, body: look)
        }
        return (found, end)
    }
}

extension CustomerSummary {
    fileprivate enum Column: Int32, ColumnList {
        case id, login, name, role, createdAt, closedAt, amount

        var table: String {
            switch self {
            case .id, .login, .name, .role, .createdAt, .closedAt: "users"
            case .amount: "balances"
            }
        }
    }

    fileprivate init(_ row: borrowing Row) throws {
        let user = User(
            id: row.id(Column.id), login: row.text(Column.login), name: row.text(Column.name),
            role: try row.choice(Column.role), createdAt: row.time(Column.createdAt))
        self.init(user: user, balance: row.won(Column.amount), closedAt: row.optionalTime(Column.closedAt))
    }
}
