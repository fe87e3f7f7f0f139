import SQLite
import TestSupport
import Testing

/// Bounds what a piece of work costs a processor, whatever the processor is capable of today.
///
/// A bound in milliseconds holds or not as the machine decides: the same search has taken 1.6 times as long a day later,
/// beside other guests of the same host. So a yardstick, a fixed piece of work that has nothing of the shop in it, is
/// measured in the same run, and costs are given in the milliseconds that they would take where the yardstick takes
/// `Yardstick.usualMilliseconds`. What makes a processor slower makes both slower: the yardstick is done by the same
/// library, and like a search it computes, calls functions and reads some megabytes.
///
/// What costs no more than the bound the first time has shown so, by the best that the yardstick has ever done. Anything
/// else is repeated with the yardstick between, each time for as long, and the least of the one compared with the least of
/// the other: others, who use the same caches, come and go.
final class CostBound {
    /// Without the optimizer a walk over the products and a sort take several times as long; the shipped program is measured
    /// by the tests in deploy/.
    #if DEBUG
        static let usualMilliseconds = 75.0
    #else
        static let usualMilliseconds = 10.0
    #endif

    private static let repeats = 12
    /// That a search is too dear is known when some are: nobody has to wait for the rest.
    private static let failuresMeasuredWell = 3

    private let yardstick: Yardstick
    private var best = Double.infinity
    private var failures = 0

    init() throws {
        yardstick = try Yardstick()
        for _ in 0..<5 { best = min(best, try yardstick.milliseconds()) }
    }

    /// Expects the work to cost at most the bound; returns what it costs, in milliseconds where the yardstick takes what it
    /// usually does.
    @discardableResult
    func expect(
        _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation, _ work: () throws -> Void
    ) throws -> Double {
        let cost = try cost(of: work)
        guard cost > Self.usualMilliseconds else { return cost }
        failures += 1
        Issue.record(
            "\(what()): \(cost) ms of a processor whose yardstick takes its \(Yardstick.usualMilliseconds) ms",
            sourceLocation: sourceLocation)
        return cost
    }

    private func cost(of work: () throws -> Void) throws -> Double {
        best = min(best, try yardstick.milliseconds())
        var least = try processorMilliseconds(work)
        let first = least / best * Yardstick.usualMilliseconds
        guard first > Self.usualMilliseconds, failures < Self.failuresMeasuredWell else { return first }
        var yard = Double.infinity
        for repeated in 1...Self.repeats {
            yard = min(yard, try yardstick.milliseconds(lasting: least))
            least = min(least, try processorMilliseconds(work))
            if repeated >= 3, least / yard * Yardstick.usualMilliseconds <= Self.usualMilliseconds { break }
        }
        return least / yard * Yardstick.usualMilliseconds
    }
}

/// A fixed piece of work: a scan of a fixed table in memory, with a text looked for in every row. The same as in
/// Tests/PythonSupport/yardstick.py.
private struct Yardstick {
    /// What it takes on the machine on which the searches' bounds were found, on a day when it is quick. Measured on a slow
    /// day as 4.2, beside a search of 72 to 80 that takes less than 50 when it is quick.
    static let usualMilliseconds = 2.4

    private static let rows = 10_000
    private let sql: Connection

    init() throws {
        sql = try Connection(path: ":memory:", access: .create, busyTimeoutMilliseconds: 0)
        try sql.execute(
            """
            CREATE TABLE fixed (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.rows))
            INSERT INTO fixed SELECT i, printf('%0200d', i * 7919) FROM n
            """)
    }

    /// The mean of as many as take so long together.
    ///
    /// A moment without others is found more easily the shorter it is: what is compared has to last equally long.
    func milliseconds(lasting least: Double = 0) throws -> Double {
        var (sum, count) = (0.0, 0.0)
        repeat {
            sum += try processorMilliseconds {
                let found = try sql.first("SELECT count(*) FROM fixed WHERE instr(text, '7919') > 0") { $0.int64(0) }
                guard found != nil else { throw Failure("the yardstick has counted nothing") }
            }
            count += 1
        } while sum < least
        return sum / count
    }
}
