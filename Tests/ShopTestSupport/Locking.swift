public import POSIX

/// The tests' own locks are the shop's: the thread sanitizer knows those of the system, and takes what the standard
/// library's `Mutex` guards for a race.
extension Locked {
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result { try write(body) }
}
