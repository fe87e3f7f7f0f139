/// What the staff have done, for those who may see it.
public struct Trace: Capability, Sendable {
    let context: Context

    /// The newest first, by the shop's clock; of one instant, the last first.
    public func list(_ query: TraceQuery, before: TracePosition?, limit: Int) throws -> ListPage<TraceEntry> {
        let times = policy.calendar.times(from: query.from, to: query.to)
        return try store.read { tx in
            guard let query = try query.byNumber(tx) else { return ListPage([], hasMore: false) }
            return try tx.trace.list(query, in: times, before: before, limit: limit)
        }
    }

    /// The login of the one whose doings are asked for; nil for anybody's, or if there is no such account.
    public func login(in query: TraceQuery) throws -> String? {
        if let login = query.login { return login }
        guard let user = query.user else { return nil }
        return try store.read { tx in try tx.accounts.find(user)?.login }
    }
}

extension TraceQuery {
    /// The same with the number of whose login was given; nil if that is nobody, or somebody else than the one by number.
    fileprivate func byNumber(_ tx: any Repositories) throws -> TraceQuery? {
        guard let login else { return self }
        guard let found = try tx.accounts.find(login: login)?.user.id, user ?? found == found else { return nil }
        return TraceQuery(by: found, of: subject, action: action, from: from, to: to)
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see it.
    public func trace(for staff: Staff) throws -> Trace {
        try staff.check(.readTrace)
        return Trace(context: context)
    }

    /// The same for a file, which takes people's logins, addresses and notes out of the shop: throws `passwordRequired`,
    /// too, where the password was given too long ago.
    public func trace(forFileOf staff: Staff) throws -> Trace {
        let trace = try trace(for: staff)
        try staff.checkPassword()
        return trace
    }
}
