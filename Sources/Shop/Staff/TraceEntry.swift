import Crypto

public typealias TraceID = ID<TraceEntry>

/// One change that one of the staff has made: a line of the trace.
public struct TraceEntry: Sendable, Equatable {
    /// Counted from 1, without a gap.
    public let id: TraceID
    public let at: Timestamp
    public let staff: Staff
    public let line: TraceLine
    /// Over this entry and the hash of the one before it: see `hash(after:)`.
    public let hash: [UInt8]

    public init(id: TraceID, at: Timestamp, staff: Staff, line: TraceLine, hash: [UInt8]) {
        self.id = id
        self.at = at
        self.staff = staff
        self.line = line
        self.hash = hash
    }

    /// What stands before the first entry's hash.
    public static let firstHash = [UInt8](repeating: 0, count: SHA256.byteCount)

    /// The SHA-256 of the hash before this entry and of all that the entry says, each text behind its length: two entries
    /// that say something else have other hashes, and so has everything behind them.
    public static func hash(
        after previous: [UInt8], id: TraceID, at: Timestamp, staff: Staff, line: TraceLine
    ) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: previous)
        func add(_ number: Int64) { withUnsafeBytes(of: number.bigEndian) { hasher.update(bufferPointer: $0) } }
        func add(_ text: String?) {
            add(Int64(text?.utf8.count ?? -1))
            hasher.update(data: Array((text ?? "").utf8))
        }
        add(id.value)
        add(at.milliseconds)
        add(staff.user?.value ?? 0)
        for text in [staff.login, staff.role?.rawValue, staff.way.rawValue, staff.address] { add(text) }
        add(line.action.rawValue)
        add(line.subject.kind.rawValue)
        add(line.subject.id)
        add(Int64(line.changes.count))
        for change in line.changes {
            for text in [change.field.rawValue, change.before, change.after] { add(text) }
        }
        return Array(hasher.finalize())
    }
}

/// What was done to what.
public struct TraceLine: Sendable, Equatable {
    public let action: TraceAction
    public let subject: TraceSubject
    /// Each field that is another now, in the order of `TraceField`.
    public let changes: [TraceChange]

    /// - Parameter changes: what was before and what is after; those that are equal are left out.
    init(_ action: TraceAction, _ subject: TraceSubject, _ changes: [TraceChange] = []) {
        self.action = action
        self.subject = subject
        self.changes = changes.filter { $0.before != $0.after }
    }

    /// One that was stored.
    public init(stored action: TraceAction, _ subject: TraceSubject, _ changes: [TraceChange]) {
        self.action = action
        self.subject = subject
        self.changes = changes
    }
}

public enum TraceAction: String, Sendable, CaseIterable {
    case productAdded = "product-added"
    case productChanged = "product-changed"
    case pictureAdded = "picture-added"
    case pictureChanged = "picture-changed"
    case pictureRemoved = "picture-removed"
    case couponAdded = "coupon-added"
    case couponClosed = "coupon-closed"
    case orderRefunded = "order-refunded"
    case orderNoted = "order-noted"
    case accountCreated = "account-created"
    case roleChanged = "role-changed"
    case passwordSet = "password-set"
    case accountClosed = "account-closed"
    case sessionsEnded = "sessions-ended"
    case accountUnlocked = "account-unlocked"
    case balanceCorrected = "balance-corrected"
    case correctionAsked = "correction-asked"
    case correctionConfirmed = "correction-confirmed"
    case correctionRefused = "correction-refused"
    case secondFactorSet = "second-factor-set"
    case secondFactorRemoved = "second-factor-removed"
    case recoveryCodesMade = "recovery-codes-made"

    /// What it is done to.
    public var subject: TraceSubject.Kind {
        switch self {
        case .productAdded, .productChanged, .pictureAdded, .pictureChanged, .pictureRemoved: .product
        case .couponAdded, .couponClosed: .coupon
        case .orderRefunded, .orderNoted: .order
        case .accountCreated, .roleChanged, .passwordSet, .accountClosed, .sessionsEnded, .accountUnlocked,
            .balanceCorrected, .correctionAsked, .correctionConfirmed, .correctionRefused, .secondFactorSet,
            .secondFactorRemoved, .recoveryCodesMade:
            .account
        }
    }
}

/// What something was done to.
public struct TraceSubject: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case product, coupon, order, account
    }

    public let kind: Kind
    public let id: Int64

    public init(_ kind: Kind, _ id: Int64) {
        self.kind = kind
        self.id = id
    }

    static func product(_ id: ProductID) -> TraceSubject { TraceSubject(.product, id.value) }
    static func coupon(_ id: CouponID) -> TraceSubject { TraceSubject(.coupon, id.value) }
    static func order(_ id: OrderID) -> TraceSubject { TraceSubject(.order, id.value) }
    static func account(_ id: UserID) -> TraceSubject { TraceSubject(.account, id.value) }
}

/// What of a subject can be another afterwards. Amounts are written in won, times as milliseconds since 1970.
public enum TraceField: String, Sendable, CaseIterable {
    case login, name, role, sessions
    case price, stock, reason, description, listed, sku, lowStock
    case picture, text, position
    case discount, minimumOrderAmount, quantity, opensAt, closesAt, validDays
    case status, amount
    case items, returnedToStock, note
    case correction, balance, explanation
}

/// One field, before and after; nil where there was nothing, or is nothing any more.
public struct TraceChange: Sendable, Equatable {
    public let field: TraceField
    public let before: String?
    public let after: String?

    public init(_ field: TraceField, _ before: String?, _ after: String?) {
        self.field = field
        self.before = before
        self.after = after
    }

    init(_ field: TraceField, _ before: Int64?, _ after: Int64?) {
        self.init(field, before.map { String($0) }, after.map { String($0) })
    }
}

public protocol TraceRepository {
    /// Adds what is told to the end of the trace, in the transaction of what it tells.
    func add(_ line: TraceLine, by staff: Staff, at time: Timestamp) throws
    /// The newest first.
    ///
    /// - Parameter times: the query's days.
    func list(
        _ query: TraceQuery, in times: Range<Timestamp>, before: TracePosition?, limit: Int
    ) throws -> ListPage<TraceEntry>
}

/// Which part of the trace.
public struct TraceQuery: Sendable, Hashable {
    /// What this one of the staff did; nil for what anybody did.
    public let user: UserID?
    /// The same by login, in any case: nothing if nobody has it.
    public let login: String?
    /// What was done to this; nil for what was done to anything.
    public let subject: TraceSubject?
    /// nil for whatever was done.
    public let action: TraceAction?
    /// The first day; nil for all up to the last.
    public let from: Day?
    /// The last day; nil for all from the first on.
    public let to: Day?

    public init(
        by user: UserID? = nil, login: String? = nil, of subject: TraceSubject? = nil, action: TraceAction? = nil,
        from: Day? = nil, to: Day? = nil
    ) {
        self.user = user
        self.login = login
        self.subject = subject
        self.action = action
        self.from = from
        self.to = to
    }
}

/// A place in the trace, the newest first: behind an entry of that time.
public struct TracePosition: Sendable, Hashable {
    public let at: Timestamp
    public let id: TraceID

    public init(at: Timestamp, id: TraceID) {
        self.at = at
        self.id = id
    }
}

extension TraceEntry {
    public var position: TracePosition { TracePosition(at: at, id: id) }
}
