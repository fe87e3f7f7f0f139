public import Logging

/// Writes each message as one line to standard error, prefixed with the priority for journald (`sd-daemon(3)`).
///
/// A repeated warning is written once a minute, unless debug messages are on: then somebody is looking for something.
/// Errors are all written: each may be a different one.
public struct JournalLogHandler: LogHandler {
    /// What differs between two lines about the same trouble.
    private static let changing: Set<String> = ["request", "writes"]

    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level

    public init(logLevel: Logger.Level) { self.logLevel = logLevel }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let message = "\(event.message)"
        var all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        if event.level == .warning, logLevel > .debug {
            let trouble = Self.line(message, all.filter { !Self.changing.contains($0.key) })
            guard let held = RepeatedLines.ofProcess.heldBefore(trouble) else { return }
            if held > 0 { all["repeated"] = "\(held)" }
        }
        StandardError.write(Self.line(message, all), priority: event.level)
    }

    /// Reports how often warnings were repeated since they were last written: for minutes that are over, or for all.
    public static func writeHeld(all: Bool = false) {
        for (line, count) in RepeatedLines.ofProcess.takeHeld(all: all) {
            StandardError.write("\(line) repeated=\(count)", priority: .warning)
        }
    }

    private static func line(_ message: String, _ metadata: Logger.Metadata) -> String {
        metadata.sorted { $0.key < $1.key }.reduce(into: message) { line, pair in
            line += " \(pair.key)=\(quoted("\(pair.value)"))"
        }
    }

    private static func quoted(_ value: String) -> String {
        value.utf8.contains(UInt8(ascii: " ")) ? "\"\(value)\"" : value
    }
}
