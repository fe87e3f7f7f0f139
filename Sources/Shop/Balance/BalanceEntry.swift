/// One movement of a balance. A balance is the sum of its entries, always.
public struct BalanceEntry: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case charge, payment, refund, correction
    }

    /// The user's own number for it, from 1.
    public let id: EntryID
    public let kind: Kind
    /// Negative if the balance shrank.
    public let amount: Won
    /// The balance after it.
    public let balance: Won
    public let order: OrderID?
    public let createdAt: Timestamp
    /// Why the staff corrected the balance; nil for other kinds.
    public let reason: String?

    public init(
        id: EntryID, kind: Kind, amount: Won, balance: Won, order: OrderID?, createdAt: Timestamp, reason: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.amount = amount
        self.balance = balance
        self.order = order
        self.createdAt = createdAt
        self.reason = reason
    }
}

public protocol BalanceRepository {
    /// The user's balance; nil if there is no such user.
    func amount(of user: UserID) throws -> Won?
    /// Moves the balance by `amount` and adds the entry; nothing else may change a balance. Does nothing and returns
    /// nil if the balance would become negative.
    func move(_ amount: Won, _ kind: BalanceEntry.Kind, of user: UserID, order: OrderID?, at time: Timestamp) throws
        -> BalanceEntry?
    /// The user's entries before `before`, newest first.
    func entries(of user: UserID, before: EntryID?, limit: Int) throws -> ListPage<BalanceEntry>
}
