import ArgumentParser
import Dispatch
import FastCGI
import Glibc
import Journal
import Logging
import Shop
import Synchronization

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers FastCGI until SIGTERM or SIGINT.",
        discussion: """
            Listens on --socket, or on the socket that systemd or spawn-fcgi passes as file descriptor 0. When it is stopped, \
            every request that came is still answered. Tells systemd when it is ready and, for a watchdog, that it is alive.
            """)

    @OptionGroup var options: DataOptions

    @Option(help: ArgumentHelp("The Unix socket to listen on. (JANGTEO_SOCKET)", valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "A folder of templates that take the place of the shop's own, file by file. (JANGTEO_TEMPLATES)",
            valueName: "dir"))
    var templates: String?

    @Flag(help: "Shows the settings in force, finds mistakes, and starts nothing.")
    var check = false

    @Flag(help: "With --check: says nothing where there is no mistake.")
    var quiet = false

    /// How often the counts behind the answers are written.
    private static let secondsBetweenFlushes = 1.0

    func run() throws {
        let settings = try options.settings(["socket": socket, "templates": templates])
        if check {
            _ = try settings.openStorefront()
            if quiet { return }
            for line in settings.lines { print("\(line.name)=\(line.value)  # \(line.source)") }
            return
        }
        // Before the first thread: all others inherit it.
        Signals.block()
        Scheduling.letOthersFinish()
        let logger = settings.logger()
        let application = try Application(settings, logger: logger)
        let listening = try settings.socket.isEmpty ? ListeningSocket() : ListeningSocket(path: settings.socket)
        let server = try FastCGIServer(
            listening, options: settings.server, responder: application.responder, logger: logger)
        try server.start()
        application.metrics.watch(server)
        let flusher = Flusher(application.shop, logger: logger)
        flusher.start(every: Self.secondsBetweenFlushes)
        logger.notice(
            "ready", metadata: ["database": "\(settings.database)", "threads": "\(settings.server.threads)"])
        let systemd = ServiceManager()
        systemd.tell(.ready)
        let watchdog = systemd.watchdogSeconds.map {
            Watchdog(systemd, seconds: $0, server, application.shop.readiness, logger: logger)
        }
        watchdog?.start()

        let signal = Signals.waitForStop()
        logger.notice("stopping", metadata: ["signal": "\(signal)"])
        systemd.tell(.stopping)
        watchdog?.stop()
        let answeredAll = server.stop()
        // After the last answer, so that its views are included.
        let wroteAll = flusher.stop()
        application.store.close()
        if !answeredAll { logger.error("stopped with requests unanswered") }
        if !wroteAll { logger.error("stopped with views uncounted: the database could not be written") }
        let written = application.store.writeStatistics
        logger.notice(
            "stopped",
            metadata: [
                "writes": "\(written.writes)", "commits": "\(written.groups)", "committing": "\(written.committing)",
                "longest_wait": "\(written.longestWait)",
            ])
        JournalLogHandler.writeHeld(all: true)
        SecurityLines.ofProcess.writeHeld(logger, all: true)
        // Threads may still be waiting on idle kept connections: they end with the process.
        Glibc.exit(answeredAll && wroteAll ? 0 : 1)
    }
}

/// Writes the counts behind the answers periodically, and once more at the end.
private final class Flusher: Sendable {
    /// How long the last write is retried if the database is not writable.
    private static let lastSeconds = 4.0

    private let shop: Shop
    private let logger: Logger
    private let stopping = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)

    init(_ shop: Shop, logger: Logger) {
        self.shop = shop
        self.logger = logger
    }

    func start(every seconds: Double) {
        let thread = DispatchQueue(label: "flusher")
        thread.async { [self] in
            while stopping.wait(timeout: .now() + seconds) == .timedOut {
                flush()
                JournalLogHandler.writeHeld()
                SecurityLines.ofProcess.writeHeld(logger)
            }
            stopped.signal()
        }
    }

    /// Writes what is left; returns whether it could.
    func stop() -> Bool {
        stopping.signal()
        stopped.wait()
        let deadline = DispatchTime.now() + Self.lastSeconds
        while !flush() {
            if DispatchTime.now() >= deadline { return false }
            usleep(500_000)
        }
        return true
    }

    /// What cannot be written now is kept for the next time.
    @discardableResult
    private func flush() -> Bool {
        do {
            try shop.flush()
            return true
        } catch {
            logger.warning("counts not written yet", metadata: ["error": "\(error)"])
            return false
        }
    }
}
