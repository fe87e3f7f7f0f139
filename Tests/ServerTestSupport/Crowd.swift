import Dispatch
import Foundation
import Synchronization
import TestSupport

/// Work on threads of its own, which may block freely; the test runner's pool has one thread per core.
public final class Crowd<Result: Sendable>: Sendable {
    private let results: Mutex<[Int: Swift.Result<Result, any Error>]>
    private let group = DispatchGroup()

    /// Starts `count` threads; each gets its number.
    public init(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Result) {
        results = Mutex([:])
        for number in 0..<count {
            group.enter()
            let thread = Thread { [self] in
                let result = Swift.Result { try work(number) }
                results.withLock { $0[number] = result }
                group.leave()
            }
            thread.stackSize = 512 * 1024
            thread.start()
        }
    }

    /// Waits for all; returns their results in order. Throws the first error.
    public func wait(seconds: Double = 60) throws -> [Result] {
        guard group.wait(timeout: .now() + seconds) == .success else {
            throw Failure("threads still at work after \(seconds) s")
        }
        return try results.withLock { results in
            try results.sorted { $0.key < $1.key }.map { try $0.value.get() }
        }
    }
}

/// Does the work on this many threads at once and waits for all.
@discardableResult
public func atOnce<Result: Sendable>(
    _ count: Int, _ work: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
    try Crowd(count, work).wait()
}

/// A sign that threads can see.
public final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    public init() {}

    public var isRaised: Bool { value.load(ordering: .acquiring) }
    public func raise() { value.store(true, ordering: .releasing) }
}
