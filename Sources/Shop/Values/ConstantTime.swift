extension Sequence<UInt8> where Self: Collection {
    /// Whether the bytes are the same. Compares every one of them, so that the time does not tell how many were right.
    func isSameInConstantTime(as other: Self) -> Bool {
        count == other.count && zip(self, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
