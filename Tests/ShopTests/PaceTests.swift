import Shop
import Testing

/// The rests between the pieces of long work.
struct PaceTests {
    private struct Stopped: Error {}

    @Test func `a piece's result comes behind its rest`() {
        let began = ContinuousClock.now
        #expect(Pace.resting(shortest: .milliseconds(20)) { 7 } == 7)
        #expect(began.duration(to: .now) >= .milliseconds(20))
    }

    @Test func `the rest is a multiple of what the piece has taken`() {
        let began = ContinuousClock.now
        var sum = 0
        var took = Duration.zero
        Pace.resting(5) {
            let began = ContinuousClock.now
            for number in 0..<200_000 { sum &+= number }
            took = began.duration(to: .now)
        }
        #expect(sum != 0)
        // The processor's time is at most the clock's, so that a rest may be shorter, and never none.
        #expect(began.duration(to: .now) > took)
    }

    @Test func `what a piece throws is passed on at once`() {
        #expect(throws: Stopped.self) { try Pace.resting(shortest: .seconds(600)) { throw Stopped() } }
    }
}
