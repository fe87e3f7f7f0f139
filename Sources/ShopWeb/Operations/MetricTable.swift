import Synchronization

/// Metrics created on first use, one per key; found without a lock.
///
/// They are never removed, so the keys must be few: never what a client can make up.
final class MetricTable<Key: Hashable & Sendable, Metric: Sendable>: Sendable {
    private final class Entry: Sendable {
        let key: Key
        let metric: Metric

        init(_ key: Key, _ metric: Metric) {
            self.key = key
            self.metric = metric
        }
    }

    private final class Slot: Sendable {
        let entry = AtomicLazyReference<Entry>()
    }

    /// A hash table in which nothing moves: a key is in the first free slot from its hash on.
    private let slots: [Slot]
    private let make: @Sendable (Key) -> Metric

    /// - Parameter capacity: a power of two, greater than the number of keys. A key for which there is no slot gets a
    ///   new metric each time.
    init(capacity: Int, _ make: @escaping @Sendable (Key) -> Metric) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        slots = (0..<capacity).map { _ in Slot() }
        self.make = make
    }

    subscript(key: Key) -> Metric {
        let start = key.hashValue
        for step in 0..<slots.count {
            let slot = slots[(start &+ step) & (slots.count - 1)]
            // If two threads create it at once, one is kept; both are the same series.
            let entry = slot.entry.load() ?? slot.entry.storeIfNil(Entry(key, make(key)))
            if entry.key == key { return entry.metric }
        }
        return make(key)
    }
}
