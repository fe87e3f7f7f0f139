public typealias OrderEventID = ID<OrderEvent>

/// One thing that has happened to an order: a line of its ledger, which is only added to.
public struct OrderEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Told by the order itself, so that making one costs no second row.
        case made
        /// The amount that was paid.
        case paid(Won)
        case cancelled
        case expired
        /// The amount of one refund.
        case refunded(Won)
        /// What one of the staff wants others to know.
        case note(String)
    }

    /// Who did it.
    public enum Actor: Sendable, Equatable {
        case customer
        /// The shop by itself, as when time has passed.
        case shop
        /// One of the staff, by login; nil where it was not written down.
        case staff(String?)
    }

    /// Of a note, in characters.
    public static let noteLength = 1...1_000

    /// Numbered from 1 for each order, without a gap.
    public let id: OrderEventID
    public let kind: Kind
    public let actor: Actor
    /// nil where it is not known: of an order that was cancelled before there was this ledger.
    public let at: Timestamp?

    public init(id: OrderEventID, kind: Kind, actor: Actor, at: Timestamp?) {
        self.id = id
        self.kind = kind
        self.actor = actor
        self.at = at
    }

    /// The first of the order's events.
    init(making order: Order) {
        self.init(id: OrderEventID(1), kind: .made, actor: .customer, at: order.createdAt)
    }
}

extension OrderEvent.Kind {
    /// The word that it is stored and told as.
    public var word: String {
        switch self {
        case .made: "made"
        case .paid: "paid"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .refunded: "refunded"
        case .note: "note"
        }
    }

    /// nil where no money moved.
    public var amount: Won? {
        switch self {
        case .paid(let amount), .refunded(let amount): amount
        case .made, .cancelled, .expired, .note: nil
        }
    }

    public var note: String? { if case .note(let text) = self { text } else { nil } }
}

extension OrderEvent.Actor {
    /// The word that it is stored and told as.
    public var word: String {
        switch self {
        case .customer: "customer"
        case .shop: "shop"
        case .staff: "staff"
        }
    }

    /// Who of the staff, if it was one and was written down.
    public var login: String? { if case .staff(let login) = self { login } else { nil } }
}

public protocol OrderEventRepository {
    /// Adds an event to the end of the order's ledger, in the transaction of what it tells. That the order was made is not
    /// added: the order tells it.
    func add(_ kind: OrderEvent.Kind, by actor: OrderEvent.Actor, to order: OrderID, at time: Timestamp) throws
    /// The newest of what has happened since the order was made, the first of them first; at most `limit`.
    func newest(of order: OrderID, limit: Int) throws -> [OrderEvent]
}
