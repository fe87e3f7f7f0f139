import Dispatch
import Glibc
import Synchronization

/// Lets an interrupted command leave nothing half done: removes unfinished files, ends the helper program, and exits, at
/// once and wherever the process is.
enum Interruption {
    private struct State {
        var files: Set<String> = []
        var program: pid_t?
    }

    private static let state = Mutex(State())

    /// Starts handling the signals that stop a command. Call it before the process has a second thread.
    static func watch() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_SETMASK, &set, nil)
        DispatchQueue(label: "signals").async { [set] in
            var set = set
            var signal: Int32 = 0
            while sigwait(&set, &signal) != 0 {}
            end(signal)
        }
    }

    private static func end(_ signal: Int32) {
        // The lock is never released, so nothing gets finished after this.
        state.withLock { state in
            if let program = state.program { kill(program, SIGTERM) }
            for file in state.files { unlink(file) }
            let line = Array("interrupted by signal \(signal): nothing was changed\n".utf8)
            // If it fails, there is nobody left to tell.
            _ = write(STDERR_FILENO, line, line.count)
            _exit(128 + signal)
        }
    }

    /// Makes a file that is removed if the process is interrupted …
    static func willRemove<Result: Sendable>(_ file: String, _ make: () throws -> Result) rethrows -> Result {
        try state.withLock { state in
            let made = try make()
            state.files.insert(file)
            return made
        }
    }

    /// … until this work is done, during which nothing interrupts.
    @discardableResult
    static func finish<Result: Sendable>(_ file: String, _ work: () throws -> Result) rethrows -> Result {
        try state.withLock { state in
            let result = try work()
            state.files.remove(file)
            return result
        }
    }

    /// Starts a program that is ended together with the process.
    static func start(_ program: () -> pid_t?) -> pid_t? {
        state.withLock { state in
            state.program = program()
            return state.program
        }
    }

    /// The program has ended on its own.
    static func ended() { state.withLock { $0.program = nil } }
}
