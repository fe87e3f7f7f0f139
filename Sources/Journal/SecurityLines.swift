public import Logging
import POSIX
public import Shop

/// Writes each security event as a line, for people and for what bans by address, and bounds them: whoever floods the log-in
/// writes no million lines.
///
/// Of the events that anybody can bring about, each network has a few lines of a kind in a minute, and all together have
/// some thousands; the others are counted, in one line a minute. Those few are as many as it takes to ban an address, which
/// makes room for the next ones. What only staff or who runs the shop can do is always written.
public final class SecurityLines: Sendable {
    public static let ofProcess = SecurityLines()

    /// So many lines of a kind a minute and network; the jail that the package brings bans at as many.
    static let perNetwork = 10
    /// So many of a kind a minute: a tenth of what journald takes of a service before it drops lines of all sorts.
    static let altogether = 2_000

    private struct Minute {
        var until: ContinuousClock.Instant
        /// By kind and network; never more than there were lines.
        var written: [SecurityEvent.Kind: [String: Int]] = [:]
        var lines: [SecurityEvent.Kind: Int] = [:]
        var held = 0
        /// Of the minutes before, not told yet.
        var heldBefore = 0
    }

    private let minute = Locked(Minute(until: .now))

    init() {}

    /// Writes the events at the level notice.
    public func log(_ logger: Logger) -> SecurityLog {
        SecurityLog { [self] event in
            if isWritten(event) { logger.notice("\(event.line)") }
        }
    }

    /// Tells how many events of the minute were not written, when it is over or `all` are wanted.
    public func writeHeld(_ logger: Logger, all: Bool = false) {
        let held = takeHeld(all: all)
        if held > 0 { logger.notice("event=not-written count=\(held)") }
    }

    func isWritten(_ event: SecurityEvent, now: ContinuousClock.Instant = .now) -> Bool {
        guard event.kind.isAnybodys else { return true }
        let network = event.network ?? "-"
        return minute.write { minute in
            if minute.until <= now {
                minute = Minute(until: now + .seconds(60), heldBefore: minute.heldBefore + minute.held)
            }
            let before = minute.written[event.kind]?[network] ?? 0
            let lines = minute.lines[event.kind] ?? 0
            guard before < Self.perNetwork, lines < Self.altogether else {
                minute.held += 1
                return false
            }
            minute.written[event.kind, default: [:]][network] = before + 1
            minute.lines[event.kind] = lines + 1
            return true
        }
    }

    func takeHeld(all: Bool = false, now: ContinuousClock.Instant = .now) -> Int {
        minute.write { minute in
            defer { minute.heldBefore = 0 }
            guard all || minute.until <= now else { return minute.heldBefore }
            defer { minute.held = 0 }
            return minute.heldBefore + minute.held
        }
    }
}

extension SecurityEvent.Kind {
    /// Whether customers and strangers bring it about, as often as they like.
    fileprivate var isAnybodys: Bool {
        switch self {
        case .loginFailed, .loginThrottled, .passwordRefused, .passwordThrottled, .passwordChanged, .sessionsEnded: true
        case .roleChanged, .accountClosed, .staffLogin: false
        }
    }
}
