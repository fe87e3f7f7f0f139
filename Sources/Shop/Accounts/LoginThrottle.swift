/// Slows down wrong log-ins. Kept in the store: a restart forgets nothing, and a login that does not exist is slowed down
/// like one that does.
///
/// A try is counted before the password is looked at, so that many at once are no more than one after the other; the right
/// password takes it back.
///
/// | who tries | what counts | wrong ones for free | then each waits |
/// |---|---|---|---|
/// | a known device of this login | the device | 5 | 1 s, 2, 4 … up to 5 minutes |
/// | a program that has logged in so before | its login and network | 5 | the same |
/// | who is logged in and changes the password | the account | 5 | the same |
/// | a stranger | login and network | 5, or 1 where the login was guessed at 50 times | the same |
/// | | the network, whatever the login | 30 | 1 s, 2, up to 4 s |
///
/// So nobody is kept out by what others do for longer than seconds: who guesses at a login from everywhere leaves its owner
/// one free try from wherever they are, and their devices all of theirs.
struct LoginThrottle {
    /// Counts one thing.
    private struct Subject {
        let name: String
        let free: Int
        let longestWait: Timestamp.Span
        /// Whether the right password clears the count; where it does not, only the try itself is taken back.
        let isCleared: Bool
    }

    /// Wrong ones that cost no wait yet: a person's typing errors, and an office's behind one address.
    static let freeForPlace = 5
    static let freeForNetwork = 30
    /// From so many wrong ones in a row on, from wherever, a login is being guessed at.
    static let guessedAt = 50
    /// The wait doubles from a second with each further one, up to this …
    static let longestWait = Timestamp.Span.minutes(5)
    /// … and for all strangers of a network up to this.
    static let longestWaitForNetwork = Timestamp.Span.seconds(4)
    /// After so long without a wrong one the count starts anew.
    static let forgottenAfter = Timestamp.Span.hours(1)

    private let subjects: [Subject]
    /// What counts all strangers' tries for the login, and holds none back by itself.
    private let login: String?

    /// For who is logged in and has to say the password once more.
    init(account login: String) {
        subjects = [Self.place("account \(login.lowercased())")]
        self.login = nil
    }

    /// - Parameter device: one of this login that is known.
    init(login: String, device: KnownDevice) {
        subjects = [Self.place("device \(device.name)")]
        self.login = nil
    }

    /// - Parameter isKnown: whether the login was logged in from that network before, by a program.
    init(login: String, network: String, isKnown: Bool) {
        let place = Self.place("login \(login.lowercased()) from \(network)")
        let all = Subject(
            name: "address \(network)", free: Self.freeForNetwork, longestWait: Self.longestWaitForNetwork,
            isCleared: false)
        subjects = isKnown || network.isEmpty ? [place] : [place, all]
        self.login = isKnown ? nil : "login \(login.lowercased())"
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

    /// Counts a try whose password nobody has looked at yet; throws `tooManyAttempts` while the caller has to wait.
    func reserve(_ tx: any Repositories, at now: Timestamp) throws {
        try check(tx, at: now)
        for name in names {
            let count = try recent(name, tx, at: now)?.count ?? 0
            try tx.accounts.setFailedLogins(name, FailedLogins(count: count + 1, lastAt: now))
        }
    }

    /// The password was right: clears the place's count, and takes the try back from the others, who may be trying the
    /// passwords of somebody else.
    func succeeded(_ tx: any Repositories) throws {
        let cleared = Set(subjects.filter(\.isCleared).map(\.name))
        for name in names {
            guard let failures = try tx.accounts.failedLogins(name) else { continue }
            let left = cleared.contains(name) ? 0 : failures.count - 1
            try tx.accounts.setFailedLogins(
                name, left > 0 ? FailedLogins(count: left, lastAt: failures.lastAt) : nil)
        }
    }

    /// Forgets what keeps the login's owner waiting, from wherever; devices keep their counts.
    static func unlock(_ login: String, _ tx: any Repositories) throws -> Int {
        let login = login.lowercased()
        return try tx.accounts.forgetFailedLogins(
            of: ["login \(login)", "account \(login)"], from: "login \(login) from ")
    }

    private var names: [String] { subjects.map(\.name) + (login.map { [$0] } ?? []) }

    private func recent(_ name: String, _ tx: any Repositories, at now: Timestamp) throws -> FailedLogins? {
        try tx.accounts.failedLogins(name).flatMap { now < $0.lastAt + Self.forgottenAfter ? $0 : nil }
    }

    private func wait(_ excess: Int) -> Timestamp.Span { .seconds(1 << Int64(min(excess, 20))) }
}
