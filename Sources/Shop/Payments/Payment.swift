/// What was paid for an order. An order has at most one payment, so its number identifies it.
public struct Payment: Sendable, Equatable {
    public enum Status: String, Sendable {
        case paid, refunded
    }

    public let order: OrderID
    public let user: UserID
    public let amount: Won
    public let status: Status
    /// The payer's balance right after the payment.
    public let balance: Won
    public let paidAt: Timestamp
    public let refundedAt: Timestamp?

    public init(
        order: OrderID, user: UserID, amount: Won, status: Status, balance: Won, paidAt: Timestamp,
        refundedAt: Timestamp? = nil
    ) {
        self.order = order
        self.user = user
        self.amount = amount
        self.status = status
        self.balance = balance
        self.paidAt = paidAt
        self.refundedAt = refundedAt
    }
}

public protocol PaymentRepository {
    func add(order: OrderID, user: UserID, amount: Won, balance: Won, at time: Timestamp) throws -> Payment
    func find(order: OrderID) throws -> Payment?
    /// Marks a payment refunded. Does nothing and returns false if it is not in status paid.
    func refund(order: OrderID, at time: Timestamp) throws -> Bool
}
