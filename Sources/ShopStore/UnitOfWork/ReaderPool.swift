import Dispatch
import SQLite
import Synchronization

/// Read-only connections, each lent to one request at a time: only a few, since each has its own page cache.
///
/// Lending one is a single atomic exchange. With a lock, hundreds of threads on a few cores would queue up whenever the
/// one that holds it is preempted.
final class ReaderPool: Sendable {
    /// One connection; whoever changed `isLent` from false to true has exclusive use of its unit.
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
            // A failed read may leave its snapshot open; whether that can be ended makes no difference to the caller.
            if !connection.isAutocommit { try? connection.run("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body`, which is a single statement and so sees one snapshot without a transaction.
    func lookUp<Result>(_ body: (Unit) throws -> Result) throws -> Result {
        let slot = take()
        defer { giveBack(slot) }
        do {
            return try trouble.lookingAgain(slot.unit.connection) { try body(slot.unit) }
        } catch {
            throw Writer.translated(error)
        }
    }

    /// The first one that is free: its cache is the warmest.
    private func take() -> Slot {
        if let slot = slots.first(where: { $0.take() }) { return slot }
        waiting.add(1, ordering: .sequentiallyConsistent)
        defer { waiting.subtract(1, ordering: .sequentiallyConsistent) }
        while true {
            // Checked again after announcing the wait: whoever returns a connection checks in the opposite order.
            if let slot = slots.first(where: { $0.take() }) { return slot }
            givenBack.wait()
        }
    }

    private func giveBack(_ slot: Slot) {
        slot.isLent.store(false, ordering: .sequentiallyConsistent)
        if waiting.load(ordering: .sequentiallyConsistent) > 0 { givenBack.signal() }
    }
}
