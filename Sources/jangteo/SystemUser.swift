import Glibc

/// Who runs this process on the machine.
enum SystemUser {
    /// What they are called there: who called sudo, where that was done; the number of one without a name.
    static var name: String {
        let id = getuid()
        if id == 0, let caller = getenv("SUDO_USER") { return String(cString: caller) }
        guard let entry = getpwuid(id) else { return String(id) }
        return String(cString: entry.pointee.pw_name)
    }
}
