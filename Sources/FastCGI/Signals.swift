import CFastCGI
import Glibc

/// The signals that stop a server, waited for in one place.
public enum Signals {
    /// Blocks them for this thread and all that it starts; call it before the first. The whole mask is set: a parent may
    /// have left others blocked.
    public static func block() {
        var set = stopping
        // FastCGI's programs are told to stop by this one too, by some front ends; ours are not.
        sigaddset(&set, SIGUSR1)
        pthread_sigmask(SIG_SETMASK, &set, nil)
    }

    /// Waits until one comes; says which.
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
