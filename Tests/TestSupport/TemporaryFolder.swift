import Foundation

/// A temporary folder for a test; removed with its last reference.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        // Short, since the path of a Unix socket is limited to 107 bytes.
        var template = Array("/tmp/jangteo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of a file in it, existing or not.
    public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    deinit { remove() }

    /// Removes it early.
    public func remove() {
        // Nothing depends on it, and there is nobody to tell.
        try? FileManager.default.removeItem(atPath: path)
    }
}
