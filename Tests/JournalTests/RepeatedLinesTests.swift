import Testing

@testable import Journal

/// A continuing problem is reported once a minute, with its count; a different one at once.
struct RepeatedLinesTests {
    private let lines = RepeatedLines(quiet: .seconds(60))
    private let start = ContinuousClock.now

    private func heldBefore(_ line: String, after seconds: Int) -> Int? {
        lines.heldBefore(line, now: start + .seconds(seconds))
    }

    private func taken(after seconds: Int, all: Bool = false) -> [String] {
        lines.takeHeld(all: all, now: start + .seconds(seconds)).map { "\($0.line) \($0.count)" }
    }

    @Test func `the first is written, those in the next minute are counted, and the one after that says how many`() {
        #expect(heldBefore("full", after: 0) == 0)
        for second in [0, 1, 30, 59] { #expect(heldBefore("full", after: second) == nil) }
        #expect(heldBefore("full", after: 60) == 4)
        #expect(heldBefore("full", after: 61) == nil)
        #expect(heldBefore("full", after: 120) == 1)
        #expect(heldBefore("full", after: 200) == 0)
    }

    @Test func `another one is written at once`() {
        #expect(heldBefore("error=full", after: 0) == 0)
        #expect(heldBefore("error=broken", after: 1) == 0)
        #expect(heldBefore("error=full", after: 2) == nil)
    }

    @Test func `when nothing follows, the count comes by itself, once`() {
        _ = heldBefore("full", after: 0)
        _ = heldBefore("full", after: 1)
        _ = heldBefore("full", after: 2)
        _ = heldBefore("once", after: 2)
        #expect(taken(after: 59) == [])
        #expect(taken(after: 60) == ["full 2"])
        #expect(taken(after: 200) == [])
        #expect(heldBefore("full", after: 201) == 0)
    }

    @Test func `at the end nothing is left unreported`() {
        for line in ["b", "a", "b", "a", "b"] { _ = heldBefore(line, after: 0) }
        #expect(taken(after: 1, all: true) == ["a 1", "b 2"])
    }

    @Test func `beyond the number that is tracked, all are written`() {
        for number in 0..<200 { #expect(heldBefore("\(number)", after: 0) == 0) }
        #expect(heldBefore("0", after: 1) == nil)
        #expect(heldBefore("199", after: 1) == 0)
        #expect(taken(after: 60) == ["0 1"])
        #expect(heldBefore("199", after: 61) == 0, "and when the minute is over there is room again")
        #expect(heldBefore("199", after: 62) == nil)
    }
}
