public typealias BalanceCorrectionID = ID<BalanceCorrection>

/// A difference by which one of the staff corrects a customer's balance, for a reason. More than the policy lets one
/// person do waits until a second one confirms it.
public struct BalanceCorrection: Sendable, Equatable {
    /// Of a reason, in characters.
    public static let reasonLength = 1...200

    public enum Status: String, Sendable, CaseIterable {
        /// Until somebody else confirms or refuses it.
        case waiting
        /// The balance was moved.
        case made
        case refused
        /// Nobody has decided it in time.
        case lapsed
    }

    /// One of the staff, as they were called then. Nobody in particular for the shell.
    public struct Person: Sendable, Equatable {
        public let user: UserID?
        public let login: String

        public init(user: UserID?, login: String) {
            self.user = user
            self.login = login
        }

        init(_ staff: Staff) { self.init(user: staff.user, login: staff.login) }
    }

    public let id: BalanceCorrectionID
    /// Whose balance it is.
    public let user: UserID
    /// Negative if it takes from the balance; never zero.
    public let amount: Won
    /// The customer sees it beside the entry.
    public let reason: String
    /// As stored: see `status(at:)`.
    public let storedStatus: Status
    public let asked: Person
    public let askedAt: Timestamp
    /// Until when a second person can confirm it; nil if none was needed.
    public let endsAt: Timestamp?
    /// Who confirmed or refused it; nil if nobody did, or nobody had to.
    public let decided: Person?
    public let decidedAt: Timestamp?
    /// The entry of the balance; nil until it is made.
    public let entry: EntryID?

    public init(
        id: BalanceCorrectionID, user: UserID, amount: Won, reason: String, storedStatus: Status, asked: Person,
        askedAt: Timestamp, endsAt: Timestamp?, decided: Person?, decidedAt: Timestamp?, entry: EntryID?
    ) {
        self.id = id
        self.user = user
        self.amount = amount
        self.reason = reason
        self.storedStatus = storedStatus
        self.asked = asked
        self.askedAt = askedAt
        self.endsAt = endsAt
        self.decided = decided
        self.decidedAt = decidedAt
        self.entry = entry
    }

    /// One that waits lapses when its time is over, whatever is stored.
    public func status(at now: Timestamp) -> Status {
        guard storedStatus == .waiting, let endsAt, now >= endsAt else { return storedStatus }
        return .lapsed
    }

    /// Whether this one of the staff may confirm it: neither who asked for it nor whose balance it is.
    public func canBeConfirmed(by staff: Staff) -> Bool { staff.user != asked.user && staff.user != user }
}

/// What somebody asks for.
public struct BalanceCorrectionDraft: Sendable, Equatable {
    public let user: UserID
    /// Negative to take from the balance; not zero.
    public let amount: Won
    public let reason: String

    public init(user: UserID, amount: Won, reason: String) {
        self.user = user
        self.amount = amount
        self.reason = reason
    }
}

/// What a correction would do now.
public struct BalanceCorrectionPreview: Sendable, Equatable {
    public let before: Won
    public let after: Won
    /// Whether it waits for a second person.
    public let needsTwo: Bool
}

public protocol BalanceCorrectionRepository {
    /// Stores one that is made, or waits if there is an end to that; returns its number.
    func add(
        _ draft: BalanceCorrectionDraft, by person: BalanceCorrection.Person, at time: Timestamp, until end: Timestamp?,
        entry: EntryID?
    ) throws -> BalanceCorrectionID
    func find(_ id: BalanceCorrectionID) throws -> BalanceCorrection?
    /// Decides one that waits. Does nothing and returns false if it does not.
    ///
    /// - Parameter entry: the entry that it made; nil if it was refused.
    func decide(
        _ id: BalanceCorrectionID, by person: BalanceCorrection.Person, at time: Timestamp, entry: EntryID?
    ) throws -> Bool
    /// Newest first.
    func list(
        of user: UserID, before: BalanceCorrectionID?, limit: Int
    ) throws -> ListPage<BalanceCorrection>
    /// Those that wait and do so at this time, the soonest to lapse first.
    func waiting(
        at time: Timestamp, after: BalanceCorrection?, limit: Int
    ) throws -> ListPage<BalanceCorrection>
    /// How much this person has moved this balance by since then without a second one, whether up or down.
    func moved(by person: UserID?, of user: UserID, since time: Timestamp) throws -> Won
}
