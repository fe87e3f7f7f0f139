import CFastCGI
import Glibc

/// How the kernel shares the processors between this process and the front end.
public enum Scheduling {
    /// Asks that a thread of ours that is woken waits until whoever woke it comes to a stop; for this thread and all that
    /// it starts.
    ///
    /// Otherwise each request that the front end hands over interrupts it in the middle of its other work: two switches
    /// more for each request, a fifth of the requests a second where both share a few cores. Where a core is free, nothing
    /// changes. A kernel that refuses only costs speed.
    public static func letOthersFinish() {
        var parameters = sched_param()
        sched_setscheduler(0, cfastcgi_sched_batch(), &parameters)
    }
}
