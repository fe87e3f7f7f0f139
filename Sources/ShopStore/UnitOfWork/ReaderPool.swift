import Dispatch
import SQLite
import Synchronization

/// Read-only connections, lent to one request at a time: a few, since each has its own page cache.
final class ReaderPool: Sendable {
    private struct Idle: @unchecked Sendable {
        var units: [Unit]
    }

    private let idle: Mutex<Idle>
    private let count: DispatchSemaphore

    init(_ connections: [Connection]) {
        idle = Mutex(Idle(units: connections.map(Unit.init)))
        count = DispatchSemaphore(value: connections.count)
    }

    /// Runs `body` in one snapshot. The connection given back last is lent first: its cache is the warmest.
    func read<Result>(_ body: (Unit) throws -> Result) throws -> Result {
        count.wait()
        let unit = take()
        defer {
            giveBack(unit)
            count.signal()
        }
        do {
            try unit.connection.run("BEGIN")
            let result = try body(unit)
            try unit.connection.run("COMMIT")
            return result
        } catch {
            // A read that failed may leave its snapshot open; that it cannot be ended either changes nothing for it.
            if !unit.connection.isAutocommit { try? unit.connection.run("ROLLBACK") }
            throw Writer.translated(error)
        }
    }

    private func take() -> Unit {
        idle.withLock { idle in
            guard let unit = idle.units.popLast() else { preconditionFailure("more readers lent than there are") }
            return Lent(unit: unit)
        }.unit
    }

    private func giveBack(_ unit: Unit) {
        let lent = Lent(unit: unit)
        idle.withLock { $0.units.append(lent.unit) }
    }

    /// Carries a unit over the mutex, which is what hands it from thread to thread.
    private struct Lent: @unchecked Sendable {
        let unit: Unit
    }
}
