import CFastCGI
import Glibc

/// How the kernel divides the processors between this process and the front end.
public enum Scheduling {
    /// Makes a woken thread of ours wait until whoever woke it pauses; for this thread and all that it starts.
    ///
    /// Otherwise each request interrupts the front end in the middle of its other work: two more context switches per
    /// request, and a fifth fewer requests a second if both share a few cores. With a free core, nothing changes. If
    /// the kernel refuses, that only costs speed.
    public static func letOthersFinish() {
        var parameters = sched_param()
        sched_setscheduler(0, cfastcgi_sched_batch(), &parameters)
    }
}
