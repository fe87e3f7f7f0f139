import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Numbers are read as people type them.
struct TypedNumberTests {
    @Test(arguments: [
        "5000", "5,000", "５０００", "５，０００", "5000원", "5,000 원", "₩5000", "₩ 5,000", "￦５，０００", " 5000 ",
        "\u{3000}5000\u{3000}",
        "5 000", "+5000", "\u{FEFF}5000\u{200B}", "5000\u{110B}\u{116F}\u{11AB}", "05000",
        "5000개", "5000 won", "KRW 5,000",
    ])
    func `this is five thousand`(_ text: String) {
        #expect(TypedNumber(text)?.value == 5_000, "\(text)")
    }

    @Test func `a negative number is a number, too`() {
        for text in ["-5000", "－5,000", "−5000원", "-₩5,000", "₩-5000"] {
            #expect(TypedNumber(text)?.value == -5_000, "\(text)")
        }
    }

    @Test(arguments: [
        "", " ", "원", "₩", ",", "5.5", "5000.0", "오천", "5천", "5e3", "0x10", "5000달러", "$5000", "원5000", "5000₩원", "--5",
        "5-",
        ",5", "5,", "5,,000", "99999999999999999999", "½", "②", "Ⅴ", "5000 원 원", "1 원 2", "\u{0}5",
    ])
    func `this is none`(_ text: String) {
        #expect(TypedNumber(text) == nil, "\(text)")
    }

    @Test(arguments: ["5%EC%9B%90", "%EF%BC%95", "%E2%82%A95", "5%2C000"])
    func `every form reads them like this`(_ typed: String) throws {
        let pages = try PageShop()
        let kim = try pages.customer("kim")
        let apple = try pages.shop.product(stock: 9_999).value
        for (path, field) in [("/balance/charges", "amount"), ("/basket", "product=\(apple)&quantity")] {
            let page = pages.get(path == "/basket" ? "/products/\(apple)" : "/balance", as: kim.token)
            let key = try #require(page.value(of: "key"))
            let form = "csrf=\(kim.token.formToken())&key=\(key)&\(field)=\(typed)"
            #expect(!pages.post(path, form, as: kim.token).html.contains("숫자로 입력해 주세요."), "\(path) \(typed)")
        }
    }
}
