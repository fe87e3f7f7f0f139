import Testing

@testable import Journal
@testable import Shop

/// A flood of wrong passwords writes a few lines per address and counts the rest; what staff does is always written.
struct SecurityLinesTests {
    private let lines = SecurityLines()
    private let start = ContinuousClock.now

    private func written(
        _ count: Int, _ kind: SecurityEvent.Kind = .loginFailed, after seconds: Int = 0, from address: (Int) -> String
    ) -> Int {
        (0..<count).count {
            lines.isWritten(SecurityEvent(kind, "kim", from: address($0)), now: start + .seconds(seconds))
        }
    }

    private func held(after seconds: Int, all: Bool = false) -> Int {
        lines.takeHeld(all: all, now: start + .seconds(seconds))
    }

    @Test func `each address has its own ten lines of a kind a minute`() {
        #expect(written(1_000) { _ in "192.0.2.1" } == 10)
        #expect(written(1_000, .loginThrottled) { _ in "192.0.2.1" } == 10)
        #expect(written(3) { _ in "192.0.2.2" } == 3)
        #expect(written(1_000, after: 60) { _ in "192.0.2.1" } == 10)
    }

    @Test func `a network of IPv6 is one, whichever of its addresses is used`() {
        #expect(written(1_000) { "2001:db8::\(String($0, radix: 16))" } == 10)
        #expect(written(1) { _ in "2001:db8:0:1::1" } == 1)
    }

    @Test func `the addresses together have a bound in each minute, however many they are`() {
        let many = { (number: Int) in "10.\(number / 65_536).\(number / 256 % 256).\(number % 256)" }
        #expect(written(100_000, from: many) == 2_000)
        #expect(written(1, after: 60, from: { _ in "192.0.2.1" }) == 1)
    }

    @Test func `what was not written is reported as a number once a minute, even while the flood goes on`() {
        _ = written(110) { _ in "192.0.2.1" }
        #expect(held(after: 59) == 0)
        _ = written(15, after: 61) { _ in "192.0.2.1" }
        #expect(held(after: 61) == 100)
        #expect(held(after: 62) == 0)
        #expect(held(after: 121) == 5)
        #expect(held(after: 122, all: true) == 0)
    }

    @Test func `at the end nothing is left unreported`() {
        _ = written(11) { _ in "192.0.2.1" }
        #expect(held(after: 1, all: true) == 1)
    }

    @Test(arguments: [SecurityEvent.Kind.staffLogin, .roleChanged, .accountClosed])
    func `no flood hides what staff does`(kind: SecurityEvent.Kind) {
        _ = written(3_000) { "10.0.\($0 / 256).\($0 % 256)" }
        #expect(written(500, kind) { _ in "10.0.0.1" } == 500)
    }
}
