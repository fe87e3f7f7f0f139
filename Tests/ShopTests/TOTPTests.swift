import ShopTestSupport
import Testing

@testable import Shop

/// The codes of authenticator apps: those of the standards, each taken once, and not far from its time.
struct TOTPTests {
    /// The secret of both standards' test vectors.
    private let totp = TOTP(secret: Array("12345678901234567890".utf8))

    /// RFC 6238, appendix B: of its eight digits the last six.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ])
    func `the codes are those of RFC 6238`(_ seconds: Int64, _ code: String) {
        let now = Timestamp(milliseconds: seconds * 1_000)
        #expect(totp.code(of: TOTP.step(at: now)) == code)
    }

    /// RFC 4226, appendix D.
    @Test func `and those of RFC 4226`() {
        let codes = (0..<10).map { totp.code(of: $0) }
        #expect(
            codes == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ])
    }

    private func step(_ code: String, at seconds: Int64, after last: Int64? = nil) -> Int64? {
        totp.step(of: code, at: Timestamp(milliseconds: seconds * 1_000), after: last)
    }

    @Test func `a phone's clock may be wrong by one step either way, and no more`() {
        let code = totp.code(of: 100)
        for seconds: Int64 in [99 * 30, 100 * 30, 101 * 30, 102 * 30 - 1] { #expect(step(code, at: seconds) == 100) }
        #expect(step(code, at: 99 * 30 - 1) == nil)
        #expect(step(code, at: 102 * 30) == nil)
    }

    @Test func `a code is taken once, and none before it`() {
        let (before, now) = (totp.code(of: 99), totp.code(of: 100))
        #expect(step(now, at: 3_000, after: 99) == 100)
        #expect(step(now, at: 3_000, after: 100) == nil)
        #expect(step(before, at: 3_000, after: 100) == nil)
        #expect(step(totp.code(of: 101), at: 3_000, after: 100) == 101)
    }

    @Test func `what was taken while the shop's clock was ahead keeps nobody out`() {
        #expect(step(totp.code(of: 100), at: 3_000, after: 102) == 100)
        #expect(step(totp.code(of: 100), at: 3_000, after: 101) == nil)
    }

    @Test(arguments: ["", "28708", "2870820", "287083", "aaaaaa", "-87082"])
    func `anything else is none`(_ text: String) {
        #expect(step(text, at: 59) == nil)
    }

    @Test(arguments: ["287 082", " 287082 ", "２８７０８２", "287-082", "٢٨٧٠٨٢"])
    func `it is read as people type it`(_ text: String) {
        #expect(TOTP.digits(in: text) == "287082")
    }

    @Test func `a new secret is as long as the hash, and another each time`() {
        let secrets = (0..<10).map { _ in TOTP.random().secret }
        #expect(secrets.allSatisfy { $0.count == 20 } && Set(secrets).count == 10)
    }

    /// RFC 4648, section 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ])
    func `Base32 is that of RFC 4648`(_ text: String, _ encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
    }

    @Test func `a recovery code is read as people type it`() throws {
        let code = RecoveryCode.random()
        #expect(code.text.wholeMatch(of: /([A-Z2-7]{4}-){3}[A-Z2-7]{4}/) != nil)
        for typed in [code.text, code.text.lowercased(), code.text.replacing("-", with: " "), " \(code.text)"] {
            #expect(RecoveryCode(typed) == code)
        }
        for wrong in ["", "287082", String(code.text.dropLast()), code.text + "A", "ABCD-EFGH-IJKL-MNO1"] {
            #expect(RecoveryCode(wrong) == nil)
        }
        #expect(Set((0..<20).map { _ in RecoveryCode.random().text }).count == 20)
    }
}
