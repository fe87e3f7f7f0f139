/// Slows down wrong log-ins. The counts are in the store, so a restart forgets nothing; a login that does not exist is
/// slowed down like one that does.
///
/// An attempt is counted before the password is checked, so attempts in parallel gain nothing over attempts in
/// sequence; the right password takes it back.
///
/// | who | counted by | wrong ones for free | wait after each further one |
/// |---|---|---|---|
/// | a known device of this login | the device | 5 | 1 s, 2, 4 … up to 5 minutes |
/// | a program that has logged in this way before | its login and network | 5 | the same |
/// | a logged-in user changing the password | the account | 5 | the same |
/// | a stranger | login and network | 5, or 1 once the login has been guessed at 50 times | the same |
/// | | the network, for any login | 30 | 1 s, 2, up to 4 s |
///
/// Codes of a second factor are counted in the same way, apart from passwords. Whoever tries codes knows the password
/// already, and a code is short: strangers also wait together, for a login that 50 codes were tried for.
///
/// So nobody is locked out by others for more than seconds: whoever guesses at a login from everywhere leaves its owner
/// one free attempt from any place, and the owner's devices all of theirs.
struct LoginThrottle {
    /// One thing that attempts are counted for.
    private struct Subject {
        let name: String
        let free: Int
        let longestWait: Timestamp.Span
        /// Whether the right password clears the count; otherwise it only takes the attempt itself back.
        let isCleared: Bool
    }

    /// Wrong ones without a wait: one person's typing errors, or those of an office behind one address.
    static let freeForPlace = 5
    static let freeForNetwork = 30
    /// After this many wrong ones in a row, from anywhere, a login counts as guessed at.
    static let guessedAt = 50
    /// The wait starts at a second and doubles with each further one, up to this …
    static let longestWait = Timestamp.Span.minutes(5)
    /// … or, for all strangers of a network, up to this.
    static let longestWaitForNetwork = Timestamp.Span.seconds(4)
    /// After this long without a wrong one the count starts over.
    static let forgottenAfter = Timestamp.Span.hours(1)

    private let subjects: [Subject]
    /// Counts all strangers' attempts for the login; holds no password back by itself.
    private let login: String?

    /// For a logged-in user who has to enter the password again.
    init(account login: String) {
        subjects = [Self.place("account \(login.lowercased())")]
        self.login = nil
    }

    /// - Parameter device: a known device of this login.
    init(login: String, device: KnownDevice) {
        subjects = [Self.place("device \(device.name)")]
        self.login = nil
    }

    /// - Parameter isKnown: whether a program has logged in with this login from that network before.
    init(login: String, network: String, isKnown: Bool) {
        let place = Self.place("login \(login.lowercased()) from \(network)")
        let all = Subject(
            name: "address \(network)", free: Self.freeForNetwork, longestWait: Self.longestWaitForNetwork,
            isCleared: false)
        subjects = isKnown || network.isEmpty ? [place] : [place, all]
        self.login = isKnown ? nil : "login \(login.lowercased())"
    }

    /// Counts codes of a second factor where this counts passwords.
    var ofCodes: LoginThrottle {
        let places = subjects.filter(\.isCleared).map { Self.place(Self.codes + $0.name) }
        let all = login.map { login in
            Subject(
                name: Self.codes + login, free: Self.guessedAt, longestWait: Self.longestWait, isCleared: false)
        }
        return LoginThrottle(subjects: places + (all.map { [$0] } ?? []), login: nil)
    }

    private static let codes = "code for "

    private init(subjects: [Subject], login: String?) {
        self.subjects = subjects
        self.login = login
    }

    private static func place(_ name: String) -> Subject {
        Subject(name: name, free: freeForPlace, longestWait: longestWait, isCleared: true)
    }

    /// Throws `tooManyAttempts` while the caller has to wait.
    func check(_ tx: any Repositories, at now: Timestamp) throws {
        let isGuessedAt = try login.map { try (recent($0, tx, at: now)?.count ?? 0) >= Self.guessedAt } ?? false
        for subject in subjects {
            let free = isGuessedAt && subject.isCleared ? 1 : subject.free
            guard let failures = try recent(subject.name, tx, at: now), failures.count >= free else { continue }
            let until = failures.lastAt + min(wait(failures.count - free), subject.longestWait)
            if now < until {
                let seconds = (until.milliseconds - now.milliseconds + 999) / 1_000
                throw ShopError.tooManyAttempts(retryAfterSeconds: Int(seconds))
            }
        }
    }

    /// Counts an attempt before its password is checked; throws `tooManyAttempts` while the caller has to wait.
    func reserve(_ tx: any Repositories, at now: Timestamp) throws {
        try check(tx, at: now)
        for name in names {
            let count = try recent(name, tx, at: now)?.count ?? 0
            try tx.accounts.setFailedLogins(name, FailedLogins(count: count + 1, lastAt: now))
        }
    }

    /// The password was right: clears the place's count. The other counts only lose this attempt, since the same caller
    /// may be guessing somebody else's password.
    func succeeded(_ tx: any Repositories) throws {
        let cleared = Set(subjects.filter(\.isCleared).map(\.name))
        for name in names {
            guard let failures = try tx.accounts.failedLogins(name) else { continue }
            let left = cleared.contains(name) ? 0 : failures.count - 1
            try tx.accounts.setFailedLogins(
                name, left > 0 ? FailedLogins(count: left, lastAt: failures.lastAt) : nil)
        }
    }

    /// Forgets what keeps the login's owner waiting anywhere; devices keep their counts.
    static func unlock(_ login: String, _ tx: any Repositories) throws -> Int {
        let login = login.lowercased()
        return try ["", codes].reduce(0) { forgotten, kind in
            try forgotten
                + tx.accounts.forgetFailedLogins(
                    of: ["\(kind)login \(login)", "\(kind)account \(login)"], from: "\(kind)login \(login) from ")
        }
    }

    private var names: [String] { subjects.map(\.name) + (login.map { [$0] } ?? []) }

    private func recent(_ name: String, _ tx: any Repositories, at now: Timestamp) throws -> FailedLogins? {
        try tx.accounts.failedLogins(name).flatMap { now < $0.lastAt + Self.forgottenAfter ? $0 : nil }
    }

    private func wait(_ excess: Int) -> Timestamp.Span { .seconds(1 << Int64(min(excess, 20))) }
}
