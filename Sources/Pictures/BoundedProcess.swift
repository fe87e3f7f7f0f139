import Dispatch
import Glibc
import POSIX

/// Another process, run to its end or to the end of its time.
enum BoundedProcess {
    struct Outcome {
        /// 128 and more for a signal, as a shell says it.
        let status: Int32
        /// The beginning of what it wrote to its standard output.
        let output: String
    }

    private static let longestOutput = 4 * 1024

    /// Runs a program with this file as its standard input, from the file's beginning; nil if it had to be ended, with all
    /// that it started, because its time was up.
    static func run(_ path: String, _ arguments: [String], input: Int32, seconds: Double) throws -> Outcome? {
        guard lseek(input, 0, SEEK_SET) == 0 else { throw SystemError("cannot read a file") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("cannot start \(path)") }
        // The program gets only the end passed to it below.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try start(path, arguments, input: input, output: ends[1])
        }
        let (output, isOver) = read(ends[0], until: .now() + seconds)
        // Its whole group: what it started holds on to the processor, too.
        if !isOver { kill(-child, SIGKILL) }
        var raw: Int32 = 0
        while waitpid(child, &raw, 0) < 0, errno == EINTR {}
        guard isOver else { return nil }
        return Outcome(status: raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + (raw & 0x7f), output: output)
    }

    private static func start(_ path: String, _ arguments: [String], input: Int32, output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)

        // Our signals are blocked, and should not be in the program; the group is its own.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        var argv = arguments.map { strdup($0) } + [nil]
        // Nothing of the shop's: neither its settings, nor where it reports to systemd.
        var envp = [strdup("PATH=" + search), strdup("LC_ALL=C"), strdup("SWIFT_BACKTRACE=enable=no"), nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw SystemError("cannot start \(path)", code: code) }
        return child
    }

    /// Reads to the end, or until the time is up.
    private static func read(_ file: Int32, until deadline: DispatchTime) -> (output: String, isOver: Bool) {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1_024)
        while true {
            let now = DispatchTime.now()
            guard now < deadline else { return ("", false) }
            var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let left = (deadline.uptimeNanoseconds - now.uptimeNanoseconds) / 1_000_000 + 1
            guard poll(&waiting, 1, Int32(clamping: left)) > 0 else { continue }
            let count = Glibc.read(file, &bytes, bytes.count)
            if count > 0 {
                all += bytes.prefix(count).prefix(longestOutput - all.count)
            } else if count == 0 || errno != EINTR {
                return (String(decoding: all, as: UTF8.self), true)
            }
        }
    }
}
