import Crypto

/// An answer as it is kept and sent again.
public struct Answer: Sendable, Equatable {
    public let status: Int
    public let body: [UInt8]
    /// Whether this answers an earlier request with the same key.
    public var isReplayed = false

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What a caller sends along with something that is to happen once, however often it is sent.
///
/// Without a key it simply happens. With one, the key, the request's fingerprint and the answer are stored in the
/// transaction of the effect itself: there is no instant at which one exists without the other.
public struct Submission<Outcome>: Sendable {
    /// The client's key, with the fingerprint of the request that it stands for.
    public struct Key: Sendable, Equatable {
        public let text: String
        /// SHA-256 over method, path and body.
        public let fingerprint: [UInt8]

        /// - Parameter request: what makes the request the same or another, each part as bytes.
        public init(text: String, of request: [UInt8]...) {
            self.text = text
            var hash = SHA256()
            for part in request {
                // The length keeps two parts from being cut differently into the same bytes.
                withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
                hash.update(data: part)
            }
            fingerprint = Array(hash.finalize())
        }
    }

    public let caller: UserID
    public let key: Key?
    /// Turns the outcome into the answer; nothing but its argument may matter to it.
    public let answer: @Sendable (Outcome) -> Answer

    public init(caller: UserID, key: Key?, answer: @escaping @Sendable (Outcome) -> Answer) {
        self.caller = caller
        self.key = key
        self.answer = answer
    }

    /// The answer kept for this key, if there is one; throws `idempotencyKeyReused` when it was given to another request.
    func kept(in tx: any Repositories, at now: Timestamp, _ policy: Policy) throws -> Answer? {
        guard let key, let kept = try tx.idempotency.find(key.text, of: caller),
            now < kept.createdAt + policy.idempotencyLifetime
        else { return nil }
        guard kept.fingerprint == key.fingerprint else { throw ShopError.idempotencyKeyReused }
        var answer = kept.answer
        answer.isReplayed = true
        return answer
    }
}

extension Store {
    /// A `write` that happens once for its submission's key. A refusal is not kept: it is worked out anew next time.
    func write<Outcome>(
        once submission: Submission<Outcome>, at now: Timestamp, _ policy: Policy,
        _ work: (any Repositories) throws -> Outcome
    ) throws -> Answer {
        guard let key = submission.key else { return submission.answer(try write(work)) }
        return try write { tx in
            if let kept = try submission.kept(in: tx, at: now, policy) { return kept }
            let answer = submission.answer(try work(tx))
            try tx.idempotency.keep(
                KeptAnswer(fingerprint: key.fingerprint, answer: answer, createdAt: now), for: key.text,
                of: submission.caller)
            return answer
        }
    }
}

/// What is stored under a key.
public struct KeptAnswer: Sendable, Equatable {
    public let fingerprint: [UInt8]
    public let answer: Answer
    public let createdAt: Timestamp

    public init(fingerprint: [UInt8], answer: Answer, createdAt: Timestamp) {
        self.fingerprint = fingerprint
        self.answer = answer
        self.createdAt = createdAt
    }
}

public protocol IdempotencyRepository {
    func find(_ key: String, of user: UserID) throws -> KeptAnswer?
    /// Stores the answer, in place of one under the same key whose time is over.
    func keep(_ answer: KeptAnswer, for key: String, of user: UserID) throws
    /// Forgets at most `limit` answers older than `time`; says how many.
    func forget(before time: Timestamp, limit: Int) throws -> Int
}
