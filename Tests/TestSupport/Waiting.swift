import Foundation

/// Repeats the question until the answer is yes; throws if it is not by the deadline.
public func eventually(
    _ what: String, within seconds: Double = 10, _ isSo: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !isSo() {
        guard ContinuousClock.now < deadline else { throw Failure("not within \(seconds) s: \(what)") }
        usleep(2_000)
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
