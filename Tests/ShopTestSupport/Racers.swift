import Foundation
import POSIX
import Shop
import TestSupport

/// Dedicated threads that run the same work, all at once.
public final class Racers<Outcome: Sendable>: Sendable {
    private struct State {
        /// Where the system describes each thread.
        var threads: [String] = []
        var outcomes: [Int: Result<Outcome, any Error>] = [:]
    }

    private let state = Locked(State())
    private let finished = DispatchSemaphore(value: 0)
    private let count: Int

    /// Starts the threads. Each gets its number, from 0; they begin once all of them are there.
    public init(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Outcome) {
        self.count = count
        let start = DispatchSemaphore(value: 0)
        for number in 0..<count {
            Thread.detachNewThread { [self] in
                let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? "none"
                state.withLock { $0.threads.append("/proc/\(own)/stat") }
                start.wait()
                let outcome = Result { try work(number) }
                state.withLock { $0.outcomes[number] = outcome }
                finished.signal()
            }
        }
        // If one of them does not come, the others race all the same: what the test waits for says so.
        try? eventually("all racers are there", within: 30) { state.withLock { $0.threads.count } == count }
        for _ in 0..<count { start.signal() }
    }

    /// Whether every thread sleeps or has ended, as they do while waiting for what the test holds back.
    public var allWait: Bool {
        state.withLock { $0.threads }.allSatisfy { thread in
            guard let stat = try? String(contentsOfFile: thread, encoding: .utf8),
                let afterName = stat.lastIndex(of: ")")
            else { return true }  // it has ended
            return stat[afterName...].dropFirst(2).first == "S"
        }
    }

    /// Whether every thread has ended.
    public var haveEnded: Bool { state.withLock { $0.outcomes.count } == count }

    /// Waits for all; returns their outcomes in order, or nil if they do not end in time.
    public func outcomes(withinSeconds seconds: Double = 60) -> [Result<Outcome, any Error>]? {
        let deadline = DispatchTime.now() + seconds
        for _ in 0..<count where finished.wait(timeout: deadline) == .timedOut { return nil }
        return state.withLock { state in (0..<count).compactMap { state.outcomes[$0] } }
    }
}

extension [Result<Void, any Error>] {
    /// How many succeeded.
    public var successes: Int { count { (try? $0.get()) != nil } }
}

extension Result where Failure == any Error {
    /// The error it failed with, nil on success.
    public var error: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }

    /// Whether it succeeded.
    public var isSuccess: Bool { error == nil }
}

/// Holds back all comers until the test releases them.
public final class Hold: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let state = Locked((waiting: 0, isOpen: false))

    public init() {}

    /// How many are being held back.
    public var waiting: Int { state.withLock { $0.isOpen ? 0 : $0.waiting } }

    /// Waits until `release`; not at all after it. Never longer than a minute: a failing test must end, too.
    public func wait() {
        let isOpen = state.withLock { state in
            state.waiting += 1
            return state.isOpen
        }
        if !isOpen { _ = gate.wait(timeout: .now() + 60) }
        state.withLock { $0.waiting -= 1 }
    }

    public func release() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        for _ in 0..<waiting { gate.signal() }
    }
}
