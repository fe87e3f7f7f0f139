import POSIX
import Shop

/// Keeps a continuing problem from filling the journal: with a full disk, every request that writes would report it.
///
/// The first of several equal warnings is written at once; those in the following minute are counted, and the count is
/// written with the next one, or on its own when the minute is over.
final class RepeatedLines: Sendable {
    /// The process has only one standard error.
    static let ofProcess = RepeatedLines(quiet: .seconds(60))

    /// The number of different warnings that are tracked; any others are all written.
    private static let capacity = 100

    private struct Quiet {
        let until: ContinuousClock.Instant
        var held = 0
    }

    private let quiet: Duration
    private let lines = Locked<[String: Quiet]>([:])

    init(quiet: Duration) { self.quiet = quiet }

    /// How many lines like this one were held back before it; nil if this one is held back as well.
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

    /// The lines held back whose minute is over, with their counts; all of them when the process ends.
    func takeHeld(all: Bool = false, now: ContinuousClock.Instant = .now) -> [(line: String, count: Int)] {
        lines.write { lines in
            let over = lines.filter { all || $0.value.until <= now }
            for line in over.keys { lines[line] = nil }
            return over.filter { $0.value.held > 0 }.map { ($0.key, $0.value.held) }.sorted { $0.line < $1.line }
        }
    }
}
