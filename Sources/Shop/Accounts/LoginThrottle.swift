/// Slows down wrong log-ins, for each login and for each address. Kept in the store: a restart forgets nothing, and a
/// login that does not exist is slowed down like one that does.
struct LoginThrottle {
    /// Wrong ones that cost no wait yet: a person's typing errors, and an office's behind one address.
    static let freeForLogin = 5
    static let freeForAddress = 30
    /// The wait doubles from a second with each further one, up to this.
    static let longestWait = Timestamp.Span.minutes(5)
    /// After so long without a wrong one the count starts anew.
    static let forgottenAfter = Timestamp.Span.hours(1)

    let subjects: [(name: String, free: Int)]

    init(login: String, address: String) {
        subjects =
            [("login \(login.lowercased())", Self.freeForLogin)]
            + (address.isEmpty ? [] : [("address \(address)", Self.freeForAddress)])
    }

    /// Throws `tooManyAttempts` while the caller has to wait.
    func check(_ shop: any Repositories, at now: Timestamp) throws {
        for (name, free) in subjects {
            guard let failures = try recent(name, shop, at: now), failures.count >= free else { continue }
            let until = failures.lastAt + wait(failures.count - free)
            if now < until {
                let seconds = (until.milliseconds - now.milliseconds + 999) / 1_000
                throw ShopError.tooManyAttempts(retryAfterSeconds: Int(seconds))
            }
        }
    }

    func failed(_ shop: any Repositories, at now: Timestamp) throws {
        for (name, _) in subjects {
            let count = try recent(name, shop, at: now)?.count ?? 0
            try shop.accounts.setFailedLogins(name, FailedLogins(count: count + 1, lastAt: now))
        }
    }

    /// The right password clears the login's count. The address keeps its own: it may try the passwords of others.
    func succeeded(_ shop: any Repositories) throws {
        let (name, _) = subjects[0]
        if try shop.accounts.failedLogins(name) != nil { try shop.accounts.setFailedLogins(name, nil) }
    }

    private func recent(_ name: String, _ shop: any Repositories, at now: Timestamp) throws -> FailedLogins? {
        try shop.accounts.failedLogins(name).flatMap { now < $0.lastAt + Self.forgottenAfter ? $0 : nil }
    }

    private func wait(_ excess: Int) -> Timestamp.Span {
        min(.seconds(1 << Int64(min(excess, 20))), Self.longestWait)
    }
}
