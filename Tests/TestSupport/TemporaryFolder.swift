import Foundation

/// A folder of a test's own; it goes with the last who holds it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        var template = Array("\(NSTemporaryDirectory())jangteo-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// The path of a file in it, there or not.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        // What cannot be removed stays in the system's folder for such things, which is where it belongs.
        try? FileManager.default.removeItem(atPath: path)
    }
}
