import Testing

@testable import FastCGI

/// A queue that does not get shorter is distinguished from a burst.
struct StandingQueueTests {
    private let queue = StandingQueue()

    private func wait(_ milliseconds: Int64, at now: Int64) -> Duration {
        queue.wait(readAt: now - milliseconds, now: now)
    }

    @Test func `after a restart everybody who has waited is served`() {
        for now in stride(from: Int64(10_000), to: 10_900, by: 10) { #expect(wait(3_000, at: now) == .zero) }
        #expect(wait(5, at: 10_950) == .zero)
        #expect(wait(3_000, at: 11_500) == .zero)
    }

    @Test func `a queue that has stood for a second counts`() {
        for now in stride(from: Int64(10_000), to: 11_000, by: 100) { #expect(wait(700, at: now) == .zero) }
        #expect(wait(700, at: 11_000) == .milliseconds(700))
        #expect(wait(150, at: 11_050) == .milliseconds(150))
        // Somebody did not have to wait: there is no queue any more.
        #expect(wait(20, at: 11_100) == .zero)
        #expect(wait(700, at: 11_150) == .zero)
    }

    @Test func `soon after one has stood the next one counts sooner`() {
        for now in stride(from: Int64(10_000), through: 11_000, by: 100) { _ = wait(700, at: now) }
        _ = wait(20, at: 11_100)
        #expect(wait(300, at: 12_000) == .zero)
        #expect(wait(300, at: 12_050) == .zero)
        #expect(wait(300, at: 12_100) == .milliseconds(300))
        _ = wait(20, at: 12_200)
        // Ten seconds later it is as if there had been none.
        #expect(wait(300, at: 22_200) == .zero)
        #expect(wait(300, at: 22_900) == .zero)
        #expect(wait(300, at: 23_200) == .milliseconds(300))
    }

    @Test func `one from long ago is forgotten`() {
        for now in stride(from: Int64(10_000), through: 11_000, by: 100) { _ = wait(700, at: now) }
        #expect(wait(2_000, at: 60_000) == .zero)
        #expect(queue.wait(readAt: nil, now: 60_001) == .zero)
        #expect(queue.wait(readAt: 99_000, now: 60_002) == .zero)
    }
}
