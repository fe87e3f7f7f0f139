public import Glibc

/// A failed system call: an errno and its context.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// What failed: the call's name, or `cannot write PATH`.
    public let what: String
    /// The errno.
    public let code: Int32

    /// - Parameter code: by default errno, so use it right after the call.
    public init(_ what: String, code: Int32 = errno) {
        self.what = what
        self.code = code
    }

    /// `cannot write shop.db: No space left on device`.
    public var description: String { "\(what): \(Self.words(code))" }

    /// The system's message for an errno.
    public static func words(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
