import Foundation
import Glibc
import POSIX
import Testing

struct ProcessorTurnTests {
    @Test(.enabled("Linux before 6.12 has no turns to choose") { ProcessorTurn.nanoseconds != nil })
    func `a turn is short for as long as the work lasts, and nobody's priority changes`() async {
        // A thread of its own, which takes its priority with it.
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                #expect(setpriority(Int32(PRIO_PROCESS.rawValue), 0, 3) == 0)
                let usual = ProcessorTurn.nanoseconds
                let during = ProcessorTurn.keepingShort { ProcessorTurn.nanoseconds }
                #expect(during == 100_000)
                #expect(usual != during)
                #expect(ProcessorTurn.nanoseconds == usual)
                #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) == 3)
                done.resume()
            }
        }
    }
}
