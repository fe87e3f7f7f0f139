import FoundationEssentials
import Glibc
import Logging

/// Writes each message as one line on standard error, with the priority in front that journald reads (`sd-daemon(3)`); a
/// warning that is repeated, once a minute.
struct JournalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let beginning = "<\(Self.priority(event.level))>\(event.message)"
        var all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        // Who looks for something gets every line.
        if event.level >= .warning, logLevel > .debug {
            guard let held = RepeatedLines.ofProcess.heldBefore(beginning) else { return }
            if held > 0 { all["repeated"] = "\(held)" }
        }
        Self.write(beginning, all)
    }

    /// Tells how often warnings were repeated that nothing has followed.
    static func writeHeld(all: Bool = false) {
        for (line, count) in RepeatedLines.ofProcess.takeHeld(all: all) { write(line, ["repeated": "\(count)"]) }
    }

    private static func write(_ beginning: String, _ metadata: Logger.Metadata) {
        var line = beginning
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(quoted("\(value)"))" }
        // What a client sent may stand in it: it must not begin a line of its own.
        let bytes = line.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 } + [UInt8(ascii: "\n")]
        // One call, so that the lines of two threads do not mix. Where it fails there is nobody left to tell.
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func quoted(_ value: String) -> String {
        value.utf8.contains(UInt8(ascii: " ")) ? "\"\(value)\"" : value
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

extension Settings {
    func logger() -> Logger {
        var logger = Logger(label: "jangteo") { _ in JournalLogHandler() }
        logger.logLevel = logLevel
        return logger
    }
}
