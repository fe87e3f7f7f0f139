import Glibc
public import Logging

/// Standard error, which systemd connects to the journal.
public enum StandardError {
    /// Whether its lines go into the journal: systemd identifies the stream (`systemd.exec(5)`, `JOURNAL_STREAM`).
    public static var isJournal: Bool {
        guard let named = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0 && String(cString: named) == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes one line, whatever it contains, prefixed with the priority for journald (`sd-daemon(3)`).
    public static func write(_ line: String, priority level: Logger.Level) {
        // It may contain what a client sent, which must not start a line of its own.
        let bytes = "<\(priority(level))>\(line)".utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
        // One call, so that two threads' lines do not mix. If it fails, there is nobody left to tell.
        _ = (bytes + [UInt8(ascii: "\n")]).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
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
