/// What a caller sends along with something that is to happen only once, however often it is sent.
///
/// Without a key it simply happens. With one, the key, its fingerprint and the receipt are stored in the transaction of
/// the effect itself: at no instant does one exist without the other.
public struct Submission<Outcome>: Sendable {
    public let caller: UserID
    public let key: IdempotencyKey?
    /// Turns the outcome into the receipt; must depend on nothing but its argument.
    public let receipt: @Sendable (Outcome) -> Receipt

    public init(caller: UserID, key: IdempotencyKey?, receipt: @escaping @Sendable (Outcome) -> Receipt) {
        self.caller = caller
        self.key = key
        self.receipt = receipt
    }

    /// The receipt stored for this key, if any; throws `idempotencyKeyReused` if the key was used for something else.
    func kept(in tx: any Repositories, at now: Timestamp, _ policy: Policy) throws -> Receipt? {
        guard let key, let kept = try tx.idempotency.find(key.text, of: caller),
            now < kept.createdAt + policy.idempotencyLifetime
        else { return nil }
        guard kept.fingerprint == key.fingerprint else { throw ShopError.idempotencyKeyReused }
        var receipt = kept.receipt
        receipt.isReplayed = true
        return receipt
    }
}

extension Store {
    /// A `write` that happens once per submission key. A refusal is not stored: it is decided anew next time.
    func write<Outcome>(
        once submission: Submission<Outcome>, at now: Timestamp, _ policy: Policy,
        _ work: (any Repositories) throws -> Outcome
    ) throws -> Receipt {
        guard let key = submission.key else { return submission.receipt(try write(work)) }
        return try write { tx in
            if let kept = try submission.kept(in: tx, at: now, policy) { return kept }
            let receipt = submission.receipt(try work(tx))
            try tx.idempotency.keep(
                KeptReceipt(fingerprint: key.fingerprint, receipt: receipt, createdAt: now), for: key.text,
                of: submission.caller)
            return receipt
        }
    }
}
