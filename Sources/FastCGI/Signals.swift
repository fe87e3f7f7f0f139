import CFastCGI
import Glibc

/// The signals that stop a server, handled in one place.
public enum Signals {
    /// Blocks them for this thread and all that it starts; call it before starting any. Sets the whole mask: a parent
    /// may have left other signals blocked.
    public static func block() {
        var set = stopping
        // Some front ends stop FastCGI programs with this one; ours do not.
        sigaddset(&set, SIGUSR1)
        pthread_sigmask(SIG_SETMASK, &set, nil)
    }

    /// Waits until one arrives; returns which.
    public static func waitForStop() -> Int32 {
        var set = stopping
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    private static var stopping: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        return set
    }
}
