public import Glibc

/// A call of the system that failed: an errno, and what it was about.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// What could not be done: the call's name, or `cannot write PATH`.
    public let what: String
    /// The errno.
    public let code: Int32

    /// - Parameter code: errno's by default, so right after the call.
    public init(_ what: String, code: Int32 = errno) {
        self.what = what
        self.code = code
    }

    /// `cannot write shop.db: No space left on device`.
    public var description: String { "\(what): \(Self.words(code))" }

    /// The system's words for an errno.
    public static func words(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
