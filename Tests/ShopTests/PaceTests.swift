import Shop
import Testing

/// The rests between the pieces of long work.
struct PaceTests {
    private struct Stopped: Error {}

    @Test func `a piece's result comes behind its rest`() {
        let began = ContinuousClock.now
        var pace = Pace.Spread(each: .zero, shortestRest: .milliseconds(20))
        #expect(Pace.resting { 7 } == 7)
        #expect(pace.rest { 7 } == 7)
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

    @Test func `what is spread takes its time for each item`() {
        let began = ContinuousClock.now
        var pace = Pace.Spread(each: .milliseconds(2), shortestRest: .zero)
        for _ in 0..<4 { pace.rest { 5 } }
        #expect(began.duration(to: .now) >= .milliseconds(40))
    }

    @Test func `who is late rests as shortly as may be`() {
        let (before, short) = (ContinuousClock.now, Duration.milliseconds(1))
        var pace = Pace.Spread(each: .milliseconds(2), shortestRest: short)
        let after = ContinuousClock.now
        pace.rest { 5 }
        #expect(pace.rest(at: before + .milliseconds(3)) >= .milliseconds(7))
        #expect(pace.rest(at: after + .milliseconds(3)) <= .milliseconds(7))
        #expect(pace.rest(at: after + .milliseconds(10)) == short)
        #expect(pace.rest(at: after + .seconds(10)) == short)
    }

    @Test func `what a piece throws is passed on at once`() {
        var pace = Pace.Spread(each: .seconds(600), shortestRest: .seconds(600))
        #expect(throws: Stopped.self) { try Pace.resting(1_000) { throw Stopped() } }
        #expect(throws: Stopped.self) { try pace.rest { throw Stopped() } }
    }
}
