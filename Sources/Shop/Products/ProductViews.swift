import POSIX
import Synchronization

/// Counts views in memory, so that no answer waits for them, and writes them in batches.
///
/// Nothing counted is ever dropped: a failed flush puts the counts back, and the last flush comes after the last
/// answer. A crash loses what was counted since the last flush, at most a second's.
public final class ProductViews: Sendable {
    /// Counts how often one list of products was shown: a single addition, however long the list.
    public final class Tally: Sendable {
        fileprivate let products: [ProductID]
        fileprivate let shown = Atomic<Int>(0)

        fileprivate init(_ products: [ProductID]) { self.products = products }

        public func count() { shown.add(1, ordering: .relaxed) }
    }

    private struct State {
        var counts: [ProductID: Int] = [:]
        var tallies: [Tally] = []
    }

    private let state = Locked(State())

    public init() {}

    /// Counts one view of each product.
    public func count(_ products: [ProductID]) {
        state.write { state in
            for product in products { state.counts[product, default: 0] += 1 }
        }
    }

    /// A tally for a list that will be shown repeatedly.
    public func tally(of products: [ProductID]) -> Tally {
        let tally = Tally(products)
        state.write { $0.tallies.append(tally) }
        return tally
    }

    /// Writes what was counted since the last flush.
    public func flush(to store: any Store) throws {
        let counts = take()
        if counts.isEmpty { return }
        do {
            try store.write { tx in try tx.products.addViews(counts) }
        } catch {
            state.write { $0.counts.merge(counts, uniquingKeysWith: +) }
            throw error
        }
    }

    private func take() -> [ProductID: Int] {
        state.write { state in
            var counts = state.counts
            state.counts = [:]
            for tally in state.tallies {
                let shown = tally.shown.exchange(0, ordering: .relaxed)
                if shown == 0 { continue }
                for product in tally.products { counts[product, default: 0] += shown }
            }
            dropUnused(&state.tallies)
            return counts
        }
    }

    /// A tally that nobody else holds can never be counted on again. Whoever released it after it was read above may
    /// have counted in between, so it must still be at zero.
    private func dropUnused(_ tallies: inout [Tally]) {
        var kept: [Tally] = []
        while var tally = tallies.popLast() {
            if isKnownUniquelyReferenced(&tally), tally.shown.load(ordering: .acquiring) == 0 { continue }
            kept.append(tally)
        }
        tallies = kept
    }
}
