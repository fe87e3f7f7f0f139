import Glibc
import SQLite

/// Why a piece of work could not be done, in one line.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// What the system said of the call that has just failed.
    init(system what: String, code: Int32 = errno) {
        self.init("\(what): \(String(cString: strerror(code)))")
    }
}
