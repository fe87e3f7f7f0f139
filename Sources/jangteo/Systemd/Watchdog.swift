import Dispatch
import FastCGI
import Logging
import Shop

/// Sends systemd a sign of life as long as a worker answers and the writer commits. Otherwise systemd restarts the
/// service after a while.
final class Watchdog: Sendable {
    private let manager: ServiceManager
    private let server: FastCGIServer
    private let readiness: Readiness
    private let logger: Logger
    /// Half of systemd's timeout: one sign may be missed.
    private let interval: Double
    private let stopping = DispatchSemaphore(value: 0)

    init(_ manager: ServiceManager, seconds: Double, _ server: FastCGIServer, _ readiness: Readiness, logger: Logger) {
        self.manager = manager
        self.server = server
        self.readiness = readiness
        self.logger = logger
        interval = seconds / 2
    }

    func start() {
        DispatchQueue(label: "watchdog").async { [self] in
            repeat { look() } while stopping.wait(timeout: .now() + interval) == .timedOut
        }
    }

    /// systemd expects no more signs from a service that is stopping.
    func stop() { stopping.signal() }

    private func look() {
        if let trouble = trouble() {
            logger.error("no sign of life for systemd's watchdog: \(trouble)")
        } else if !manager.tell(.alive) {
            logger.error("systemd's watchdog could not be told that the shop is alive")
        }
    }

    /// Both checks together take at most half an interval, so that they never delay a sign too long.
    private func trouble() -> String? {
        guard server.answers("/healthz", within: interval / 4) else { return "no worker answers" }
        switch readiness.check(within: interval / 4) {
        case .committed: return nil
        // A restart frees no space, releases nobody's lock and repairs no file, and reading still works.
        case .refused(_, .diskFull), .refused(_, .locked), .refused(_, .damaged), .refused(_, .replaced): return nil
        case .refused(let reason, .other): return "nothing can be written: \(reason)"
        case .late: return "the writer is stuck"
        }
    }
}
