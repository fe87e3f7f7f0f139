import Foundation

/// Looks again and again until the condition holds; false when it does not within the time.
public func eventually(withinSeconds seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if try condition() { return true }
        if ContinuousClock.now >= deadline { return false }
        usleep(1_000)
    }
}

/// How long the work took, in seconds.
public func seconds(_ work: () throws -> Void) rethrows -> Double {
    let began = ContinuousClock.now
    try work()
    return (ContinuousClock.now - began) / .seconds(1)
}

/// The processor time that the work took on this thread, in milliseconds.
public func processorMilliseconds(_ work: () throws -> Void) rethrows -> Double {
    func used() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }
    let before = used()
    try work()
    return used() - before
}
