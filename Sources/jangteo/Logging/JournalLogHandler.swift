import FoundationEssentials
import Glibc
import Logging

/// Writes each message as one line on standard error, with the priority in front that journald reads (`sd-daemon(3)`).
struct JournalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "<\(Self.priority(event.level))>\(event.message)"
        let all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(Self.quoted("\(value)"))" }
        // What a client sent may stand in it: it must not begin a line of its own.
        let bytes = line.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 } + [UInt8(ascii: "\n")]
        // One call, so that the lines of two threads do not mix. Where it fails there is nobody left to tell.
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
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
