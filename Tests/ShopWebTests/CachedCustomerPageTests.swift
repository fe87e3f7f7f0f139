import Glibc
import Shop
import ShopTestSupport
import TestSupport
import Testing
import Web

@testable import ShopWeb

/// A page cached for all customers shows each their own, and nothing of anybody else's.
struct CachedCustomerPageTests {
    let pages: PageShop
    let apple: ProductID

    init() throws {
        pages = try PageShop()
        apple = try pages.shop.product("사과")
    }

    private static let kept = ["/", "/products", "/coupons", "/coupons/1", "/products/1"]

    @Test(arguments: kept)
    func `each customer sees their own name, balance and forms`(_ path: String) throws {
        _ = try pages.shop.coupon()
        let (kim, kims) = try pages.customer("kim", name: "김철수")
        let (_, lees) = try pages.customer("lee", name: "<b>이\"영희'</b>")
        _ = try pages.shop.charge(12_000, kim)
        let first = pages.get(path, as: kims)
        let second = pages.get(path, as: lees)
        #expect(first.status == .ok && second.status == .ok)
        #expect(first.html.contains("김철수") && first.html.contains("12,000원"))
        #expect(kims.isFormToken(try #require(first.value(of: "csrf"))))
        #expect(!second.html.contains("김철수") && !second.html.contains("12,000원"))
        #expect(second.html.contains("&lt;b&gt;이&quot;영희&#39;&lt;/b&gt;") && !second.html.contains("<b>"))
        #expect(lees.isFormToken(try #require(second.value(of: "csrf"))))
        // What was cached contained nobody's own data.
        #expect(pages.get(path, as: kims).html.contains("김철수"))
        #expect(!pages.get(path).html.contains("csrf"))
    }

    @Test(arguments: kept)
    func `a cached page equals one made for the customer alone`(_ path: String) throws {
        _ = try pages.shop.coupon()
        let (_, token) = try pages.customer("kim")
        let made = pages.get(path, as: token, cookies: ["notice=basket-changed"]).html
        let kept = pages.get(path, as: token).html
        func withoutKeys(_ html: String) -> String {
            html.replacing(/name="(key|csrf)" value="[^"]*"/, with: "").replacing(/<p class="notice".*<\/p>/, with: "")
        }
        #expect(withoutKeys(made) == withoutKeys(kept))
        #expect(made.contains("장바구니를 바꿨습니다."))
        #expect(!kept.contains("장바구니를 바꿨습니다."))
    }

    @Test func `each page has a key of its own`() throws {
        let (_, token) = try pages.customer("kim")
        let keys = try (0..<3).map { _ in
            try #require(pages.get("/products/\(apple.value)", as: token).value(of: "key"))
        }
        #expect(Set(keys).count == 3)
        for key in keys { #expect(Token(key[...]) != nil) }
    }

    @Test func `customers see how much is in their basket, if anything`() throws {
        let (_, kims) = try pages.customer("kim")
        let (_, lees) = try pages.customer("lee")
        let page = pages.get("/products/1", as: kims)
        let key = try #require(page.value(of: "key"))
        let added = pages.post(
            "/basket", "csrf=\(kims.formToken())&key=\(key)&product=\(apple.value)&quantity=1", as: kims)
        #expect(added.status == .seeOther)
        #expect(pages.get("/products", as: kims).says(basket: 1))
        #expect(!pages.get("/products", as: lees).html.contains("class=\"count\""))
    }

    @Test(arguments: ["/", "/coupons"])
    func `whoever has a coupon sees so, others do not`(_ path: String) throws {
        let (first, second) = (try pages.shop.coupon(), try pages.shop.coupon())
        let (kim, kims) = try pages.customer("kim")
        let (lee, lees) = try pages.customer("lee")
        let (_, parks) = try pages.customer("park")
        _ = try pages.shop.issue(first, kim)
        _ = try pages.shop.issue(first, lee)
        _ = try pages.shop.issue(second, lee)
        func held(_ token: Token) -> Int { pages.get(path, as: token).html.matches(of: /받은 쿠폰/).count }
        for _ in 0..<2 {
            #expect(held(kims) == 1)
            #expect(held(lees) == 2)
            #expect(held(parks) == 0)
        }
    }

    @Test func `whoever has the page's coupon sees until when, others can take it`() throws {
        let coupon = try pages.shop.coupon()
        let (kim, kims) = try pages.customer("kim")
        let (_, lees) = try pages.customer("lee")
        #expect(pages.get("/coupons/\(coupon.value)", as: kims).html.contains("/take"))
        _ = try pages.shop.issue(coupon, kim)
        #expect(!pages.get("/coupons/\(coupon.value)", as: kims).html.contains("/take"))
        #expect(pages.get("/coupons/\(coupon.value)", as: kims).html.contains("사용 기한"))
        #expect(pages.get("/coupons/\(coupon.value)", as: lees).html.contains("/take"))
    }

    @Test func `a session that ended is a visitor's at once`() throws {
        let (_, token) = try pages.customer("kim", name: "김철수")
        #expect(pages.get("/", as: token).html.contains("김철수"))
        #expect(pages.post("/logout", "csrf=\(token.formToken())", as: token).status == .seeOther)
        #expect(!pages.get("/", as: token).html.contains("김철수"))
    }

    @Test func `however many ask at once, each gets their own`() throws {
        let customers = try (0..<8).map { number in
            try pages.customer("customer-\(number)", name: "손님 \(number)호").token
        }
        let racers = Racers(8) { number in
            for round in 0..<40 {
                let response = pages.get(Self.kept[round % 3], as: customers[number], in: round % 2 == 0 ? "ko" : "en")
                guard response.html.contains("손님 \(number)호"), let form = response.value(of: "csrf"),
                    customers[number].isFormToken(form)
                else { throw PageError.foreignForm }
            }
        }
        for outcome in try #require(racers.outcomes()) { _ = try outcome.get() }
    }

    @Test func `a page that shows a coupon is made again at the instant it opens`() throws {
        let opensAt = pages.shop.clock.now + .seconds(1)
        let coupon = try pages.shop.coupon(opensAt: opensAt)
        let (_, token) = try pages.customer("kim")
        for path in ["/coupons", "/coupons/\(coupon.value)"] {
            pages.shop.clock.set(Timestamp(milliseconds: opensAt.milliseconds - 20))
            #expect(pages.get(path, as: token).html.contains("오픈 예정"))
            #expect(pages.get(path).html.contains("오픈 예정"))
            pages.shop.clock.set(opensAt)
            usleep(40_000)
            #expect(!pages.get(path, as: token).html.contains("오픈 예정"))
            #expect(!pages.get(path).html.contains("오픈 예정"))
        }
    }

    @Test(arguments: kept)
    func `a cached page shows the time of the request`(_ path: String) throws {
        _ = try pages.shop.coupon()
        let (_, token) = try pages.customer("kim")
        for reader in [token, nil] {
            for _ in 0..<2 {
                pages.shop.clock.set(Timestamp(milliseconds: pages.shop.clock.now.milliseconds + 100))
                #expect(
                    pages.get(path, as: reader).html.contains("data-now=\"\(DateTime.text(pages.shop.clock.now))\""))
            }
        }
    }

    @Test func `what is filled in is not scanned again`() throws {
        let (_, token) = try pages.customer("kim", name: Blank.formToken.text)
        #expect(pages.get("/", as: token).html.contains("<p class=\"greeting\">\(Blank.formToken.text)"))
    }
}
