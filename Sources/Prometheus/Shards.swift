import Glibc
import Synchronization

/// A few numbers that many threads add to at the same time.
///
/// Each has several copies; a thread adds to one of them, and a reader sums them up. Threads that run at the same time
/// seldom share a cache line, and none ever waits for another.
final class Shards: @unchecked Sendable {
    /// Words per cache line.
    private static let lineWords = 8
    /// A power of two, at least four per processor, so that two threads seldom share one.
    private static let count: Int = {
        let processors = max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        var count = 4
        while count < processors * 4 { count *= 2 }
        return count
    }()

    private let numbers: Int
    private let stride: Int
    /// Never moves, and is only touched by atomic operations; that is all that `@unchecked` claims.
    private let words: UnsafeMutablePointer<Atomic<Int>>

    /// - Parameter numbers: how many there are; all start at 0.
    init(_ numbers: Int) {
        self.numbers = numbers
        stride = (numbers + Self.lineWords - 1) / Self.lineWords * Self.lineWords
        words = .allocate(capacity: stride * Self.count)
        for index in 0..<stride * Self.count { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: stride * Self.count)
        words.deallocate()
    }

    /// The calling thread's copies. Get them once to add to several numbers.
    var mine: Mine { Mine(words: words + Self.shard * stride) }

    /// One thread's copies.
    struct Mine {
        fileprivate let words: UnsafeMutablePointer<Atomic<Int>>

        func add(_ amount: Int, to number: Int = 0) { words[number].wrappingAdd(amount, ordering: .relaxed) }

        /// Adds to a number that holds the bits of a `Double`.
        func addBits(of amount: Double, to number: Int) {
            var before = words[number].load(ordering: .relaxed)
            while true {
                let sum = Double(bitPattern: UInt64(bitPattern: Int64(before))) + amount
                let (exchanged, original) = words[number].weakCompareExchange(
                    expected: before, desired: Int(Int64(bitPattern: sum.bitPattern)), ordering: .relaxed)
                if exchanged { return }
                before = original
            }
        }
    }

    /// The sum of everything added to the number.
    func sum(_ number: Int = 0) -> Int {
        (0..<Self.count).reduce(0) { $0 &+ words[$1 * stride + number].load(ordering: .relaxed) }
    }

    /// The same for a number that holds the bits of a `Double`.
    func sumOfBits(_ number: Int) -> Double {
        (0..<Self.count).reduce(0) { sum, shard in
            sum + Double(bitPattern: UInt64(bitPattern: Int64(words[shard * stride + number].load(ordering: .relaxed))))
        }
    }

    /// Sets everything to 0; concurrent additions may be lost.
    func reset() {
        for index in 0..<stride * Self.count { words[index].store(0, ordering: .relaxed) }
    }

    /// Derived from the thread's own address, whose lower bits are the same for all threads.
    private static var shard: Int {
        Int(truncatingIfNeeded: (UInt(pthread_self()) >> 12) &* 0x9e37_79b9_7f4a_7c15 >> 48) & (count - 1)
    }
}
