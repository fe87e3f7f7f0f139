import Shop
import Testing

/// What a new password may be.
struct PasswordRuleTests {
    @Test(arguments: ["password", "12345678", "qwertyuiop", "iloveyou", "PassWord", "sunshine", "1q2w3e4r"])
    func `a common one is refused, whatever its case`(password: String) {
        #expect(PasswordRule.violation(in: password, of: "kim") == .common)
    }

    /// Each is in only one of the lists.
    @Test(arguments: ["baseball123", "Kubrick1", "andrey1234", "homelesspa", "target123", "soso123aljg"])
    func `one that is in any of the lists is refused`(password: String) {
        #expect(PasswordRule.violation(in: password, of: "kim") == .common)
    }

    @Test(arguments: ["correct horse", "battery staple", "비밀번호 🔑 é", "xK9-vQ2_tr"])
    func `an uncommon one is accepted`(password: String) {
        #expect(PasswordRule.violation(in: password, of: "kim") == nil)
    }

    @Test func `the login is refused as a password, whatever its case`() {
        #expect(PasswordRule.violation(in: "Kim.Haneul", of: "kim.haneul") == .login)
        #expect(PasswordRule.violation(in: "kim.haneul2", of: "kim.haneul") == nil)
    }

    @Test func `hardly any other is mistaken for one in the list`() {
        // One in 620,000 is expected: at most a few of these 100,000, which are the same each time.
        let refused = (0..<100_000).count { PasswordRule.violation(in: "not in the list \($0)", of: "kim") != nil }
        #expect(refused <= 5)
    }

    @Test(arguments: ["\0", "\n", "\u{1b}", "\u{7f}", "\u{85}"])
    func `control characters are not allowed`(character: Unicode.Scalar) {
        #expect(!PasswordRule.isCharacter(character))
    }

    @Test(arguments: [" ", "~", "é", "가", "🔑"])
    func `all others are`(character: Unicode.Scalar) {
        #expect(PasswordRule.isCharacter(character))
    }
}
