/// What a caller gets for a submission, and gets again for the same key. Its content is between the caller and whoever
/// made the submission: the shop stores it without looking into it.
public struct Receipt: Sendable, Equatable {
    public static let codeRange = 200...299

    /// A number kept beside the bytes, within `codeRange`.
    public let code: Int
    public let bytes: [UInt8]
    /// Whether this is the stored receipt of an earlier submission with the same key.
    public var isReplayed = false

    public init(code: Int, bytes: [UInt8]) {
        self.code = code
        self.bytes = bytes
    }
}

/// A caller's name for something that is to happen only once.
public struct IdempotencyKey: Sendable, Equatable {
    /// In characters.
    public static let length = 1...255
    public static let fingerprintBytes = 32

    public let text: String
    /// Identifies the request that the key is for: equal for the same request, different for any other.
    public let fingerprint: [UInt8]

    public init(text: String, fingerprint: [UInt8]) {
        self.text = text
        self.fingerprint = fingerprint
    }
}

/// What is stored under a key.
public struct KeptReceipt: Sendable, Equatable {
    public let fingerprint: [UInt8]
    public let receipt: Receipt
    public let createdAt: Timestamp

    public init(fingerprint: [UInt8], receipt: Receipt, createdAt: Timestamp) {
        self.fingerprint = fingerprint
        self.receipt = receipt
        self.createdAt = createdAt
    }
}

public protocol IdempotencyRepository {
    func find(_ key: String, of user: UserID) throws -> KeptReceipt?
    /// Stores the receipt, replacing an expired one under the same key.
    func keep(_ receipt: KeptReceipt, for key: String, of user: UserID) throws
    /// Forgets at most `limit` receipts older than `time`; returns how many.
    func forget(before time: Timestamp, limit: Int) throws -> Int
}
