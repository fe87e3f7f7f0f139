import Shop
import Testing

@testable import ShopWeb

struct FormTokenTests {
    @Test func `a form belongs to one token`() {
        let (one, other) = (Token.random(), Token.random())
        let forms = (0..<3).map { _ in one.formToken() }
        #expect(forms.allSatisfy { one.isFormToken($0) })
        #expect(Set(forms.flatMap { [$0.prefix(43), $0.suffix(43)] }).count == 6, "nothing of it comes twice")
        #expect(!one.isFormToken(other.formToken()))
        #expect(!one.isFormToken(String(forms[0].dropLast())))
        #expect(!one.isFormToken(String(repeating: "A", count: 86)))
        #expect(!one.isFormToken(""))
        #expect(!one.isFormToken(one.text))
        #expect(!forms[0].contains(one.text))
    }
}
