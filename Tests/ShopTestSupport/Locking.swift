public import POSIX

/// The tests use the shop's locks: the thread sanitizer knows the system's, and reports a race for what the standard
/// library's `Mutex` guards.
extension Locked {
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result { try write(body) }
}
