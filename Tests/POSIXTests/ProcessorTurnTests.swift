import Foundation
import Glibc
import POSIX
import Testing

struct ProcessorTurnTests {
    private struct Seen {
        var before, during, after: UInt64?
        var priority: Int32
    }

    @Test(.enabled("Linux before 6.12 has no turns to choose") { ProcessorTurn.nanoseconds != nil })
    func `a turn is short for as long as the work lasts, and nobody's priority changes`() async {
        // A thread of its own, which takes its priority with it.
        let seen = await withCheckedContinuation { done in
            Thread.detachNewThread {
                setpriority(Int32(PRIO_PROCESS.rawValue), 0, 3)
                let before = ProcessorTurn.nanoseconds
                let during = ProcessorTurn.keepingShort { ProcessorTurn.nanoseconds }
                let after = ProcessorTurn.nanoseconds
                let priority = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
                done.resume(returning: Seen(before: before, during: during, after: after, priority: priority))
            }
        }
        #expect(seen.during == 100_000)
        #expect(seen.before != seen.during)
        #expect(seen.after == seen.before)
        #expect(seen.priority == 3)
    }
}
