import Foundation
import Synchronization
import TestSupport

/// A program started for a test. Foundation's `Process` passes on the signal mask of the thread that starts it, in
/// which SIGTERM may be blocked; this one starts with a given mask.
public final class ChildProcess: Sendable {
    public let pid: pid_t
    private let status = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - environment: replaces ours, except for PATH and what is meant for every process of a test run.
    ///   - input: becomes descriptor 0; /dev/null if nil.
    ///   - output: a file to which standard output is appended …
    ///   - errors: … and one for standard error.
    ///   - blocked: signals that are blocked when it starts.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: Int32? = nil,
        output: String = "/dev/null", errors: String = "/dev/null", blocked: [Int32] = []
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in blocked { sigaddset(&mask, signal) }
        posix_spawnattr_setsigmask(&attributes, &mask)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var standard = ProcessInfo.processInfo.environment.filter {
            ["TSAN_OPTIONS", "DEPLOY_TEST_RUN"].contains($0.key)
        }
        standard["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let variables = standard.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, program, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failure("cannot start \(program): \(String(cString: strerror(code)))") }
        self.pid = pid
    }

    /// The exit status once it has ended, as in a shell: 128 plus the signal that ended it, if any; nil while it runs.
    public var exitStatus: Int32? {
        status.withLock { known in
            if let known { return known }
            var raw: Int32 = 0
            guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
            known = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + (raw & 0x7f)
            return known
        }
    }

    public func send(_ signal: Int32) {
        if exitStatus == nil { kill(pid, signal) }
    }

    /// Waits for it to end; past the deadline it is killed, and that is an error.
    @discardableResult
    public func wait(seconds: Double = 20) throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if let exitStatus { return exitStatus }
            usleep(1_000)
        }
        end()
        throw Failure("process \(pid) had to be killed after \(seconds) s")
    }

    /// Ends it at once, whatever it is doing.
    public func end() {
        send(SIGKILL)
        while exitStatus == nil { usleep(1_000) }
    }
}
