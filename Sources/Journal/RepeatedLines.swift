import POSIX
import Shop

/// Keeps a trouble that goes on from filling the journal: with a full disk every request that writes would tell of it.
///
/// The first of the same warnings is written at once, those of the minute behind it are counted, and the count comes with
/// the next one that is written, or by itself when the minute is over.
final class RepeatedLines: Sendable {
    /// Standard error is one for the whole process.
    static let ofProcess = RepeatedLines(quiet: .seconds(60))

    /// So many different warnings are told apart; any more are all written.
    private static let capacity = 100

    private struct Quiet {
        let until: ContinuousClock.Instant
        var held = 0
    }

    private let quiet: Duration
    private let lines = Locked<[String: Quiet]>([:])

    init(quiet: Duration) { self.quiet = quiet }

    /// How many lines like this one were held back before it; nil where this one is held back, too.
    func heldBefore(_ line: String, now: ContinuousClock.Instant = .now) -> Int? {
        lines.write { lines in
            if var known = lines[line], now < known.until {
                known.held += 1
                lines[line] = known
                return nil
            }
            let held = lines[line]?.held ?? 0
            if lines.count < Self.capacity || lines[line] != nil { lines[line] = Quiet(until: now + quiet) }
            return held
        }
    }

    /// What was held back and whose minute is over, with how often; all of it at the end of the process.
    func takeHeld(all: Bool = false, now: ContinuousClock.Instant = .now) -> [(line: String, count: Int)] {
        lines.write { lines in
            let over = lines.filter { all || $0.value.until <= now }
            for line in over.keys { lines[line] = nil }
            return over.filter { $0.value.held > 0 }.map { ($0.key, $0.value.held) }.sorted { $0.line < $1.line }
        }
    }
}
