import Glibc
public import Logging

/// Standard error, which systemd connects to the journal.
public enum StandardError {
    /// Whether what is written there goes into the journal: systemd names the stream (`systemd.exec(5)`, `JOURNAL_STREAM`).
    public static var isJournal: Bool {
        guard let named = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0 && String(cString: named) == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes one line, whatever is in it, with the priority in front that journald reads (`sd-daemon(3)`).
    public static func write(_ line: String, priority level: Logger.Level) {
        // What a client sent may stand in it: it must not begin a line of its own.
        let bytes = "<\(priority(level))>\(line)".utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
        // One call, so that the lines of two threads do not mix. Where it fails there is nobody left to tell.
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
