import Foundation

/// A folder of a test's own; it goes with the last who holds it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        // Short, since the path of a Unix socket has 107 bytes at most.
        var template = Array("/tmp/jangteo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of a file in it, there or not.
    public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    deinit { remove() }

    /// Takes it away before its time.
    public func remove() {
        // Nothing depends on it, and there is nobody to tell.
        try? FileManager.default.removeItem(atPath: path)
    }
}
