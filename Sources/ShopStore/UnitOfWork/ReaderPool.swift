import Dispatch
import SQLite
import Synchronization

/// Read-only connections, lent to one request at a time: a few, since each has its own page cache.
///
/// Lending one is a single exchange in memory. A lock here would be what hundreds of threads on a few cores meet at: the
/// one that holds it is preempted, and all the others queue up behind it.
final class ReaderPool: Sendable {
    /// One connection; whoever turned `isLent` from false to true is alone with its unit.
    private final class Slot: @unchecked Sendable {
        let unit: Unit
        let isLent = Atomic<Bool>(false)

        init(_ unit: Unit) { self.unit = unit }

        func take() -> Bool {
            !isLent.load(ordering: .sequentiallyConsistent) && !isLent.exchange(true, ordering: .sequentiallyConsistent)
        }
    }

    private let slots: [Slot]
    private let trouble: StoreTrouble
    private let waiting = Atomic<Int>(0)
    private let givenBack = DispatchSemaphore(value: 0)

    init(_ connections: [Connection], _ trouble: StoreTrouble) {
        self.trouble = trouble
        slots = connections.map { Slot(Unit($0)) }
    }

    /// Runs `body` in one snapshot.
    func read<Result>(_ body: (Unit) throws -> Result) throws -> Result {
        let slot = take()
        defer { giveBack(slot) }
        do {
            return try trouble.lookingAgain(slot.unit.connection) { try Self.inSnapshot(slot.unit, body) }
        } catch {
            throw Writer.translated(error)
        }
    }

    private static func inSnapshot<Result>(_ unit: Unit, _ body: (Unit) throws -> Result) throws -> Result {
        let connection = unit.connection
        do {
            try connection.run("BEGIN")
            let result = try body(unit)
            try connection.run("COMMIT")
            return result
        } catch {
            // A read that failed may leave its snapshot open; that it cannot be ended either changes nothing for it.
            if !connection.isAutocommit { try? connection.run("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body`, which is one statement and needs no transaction to see one snapshot.
    func lookUp<Result>(_ body: (Unit) throws -> Result) throws -> Result {
        let slot = take()
        defer { giveBack(slot) }
        do {
            return try trouble.lookingAgain(slot.unit.connection) { try body(slot.unit) }
        } catch {
            throw Writer.translated(error)
        }
    }

    /// The first that is free: its cache is the warmest.
    private func take() -> Slot {
        if let slot = slots.first(where: { $0.take() }) { return slot }
        waiting.add(1, ordering: .sequentiallyConsistent)
        defer { waiting.subtract(1, ordering: .sequentiallyConsistent) }
        while true {
            // Looked at again after it was said that somebody waits: who gives back looks in the other order.
            if let slot = slots.first(where: { $0.take() }) { return slot }
            givenBack.wait()
        }
    }

    private func giveBack(_ slot: Slot) {
        slot.isLent.store(false, ordering: .sequentiallyConsistent)
        if waiting.load(ordering: .sequentiallyConsistent) > 0 { givenBack.signal() }
    }
}
