public import Logging
import POSIX
public import Shop

/// Writes each security event as a line, for people and for programs that ban addresses, but not without bounds: a
/// flood of log-ins must not write a million lines.
///
/// Of the events that anybody can cause, each network gets a few lines of each kind a minute, and all networks together
/// some thousands; the others are counted, in one line a minute. Those few lines are enough for an address to be
/// banned, which makes room for others. What only staff or the operator can do is always written.
public final class SecurityLines: Sendable {
    public static let ofProcess = SecurityLines()

    /// Lines per kind, minute and network; the package's jail bans at this number.
    static let perNetwork = 10
    /// Lines per kind and minute: a tenth of what journald accepts from a service before it drops lines of all kinds.
    static let altogether = 2_000

    private struct Minute {
        var until: ContinuousClock.Instant
        /// By kind and network; never more than there were lines.
        var written: [SecurityEvent.Kind: [String: Int]] = [:]
        var lines: [SecurityEvent.Kind: Int] = [:]
        var held = 0
        /// From earlier minutes, not reported yet.
        var heldBefore = 0
    }

    private let minute = Locked(Minute(until: .now))

    init() {}

    /// Writes the events at level notice.
    public func log(_ logger: Logger) -> SecurityLog {
        SecurityLog { [self] event in
            if isWritten(event) { logger.notice("\(event.line)") }
        }
    }

    /// Reports how many of the minute's events were not written, once it is over or if `all` is set.
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
    /// Whether customers and strangers can cause it as often as they like.
    fileprivate var isAnybodys: Bool {
        switch self {
        case .loginFailed, .loginThrottled, .passwordRefused, .passwordThrottled, .codeRefused, .codeThrottled,
            .passwordChanged, .sessionsEnded:
            true
        case .roleChanged, .accountClosed, .staffLogin, .recoveryCodeUsed, .secondFactorSet, .secondFactorRemoved: false
        }
    }
}
