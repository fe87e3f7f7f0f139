import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The account page says from which browser and place somebody is logged in.
struct SessionDeviceTests {
    let pages: PageShop

    init() throws { pages = try PageShop() }

    @Test(arguments: [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
            "Safari · iPhone"
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Safari/537.36",
            "Samsung Internet · Android"
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Mac"),
        ("curl/8.0", nil), ("", nil),
    ])
    func `a browser is shown by its name and its system's`(agent: String, name: String?) {
        #expect(DeviceName.of(Request(method: .get, target: "/", fields: [.userAgent: agent])) == name)
    }

    @Test func `each session shows its own, in both languages`() throws {
        let (_, token) = try pages.customer("kim")
        let log = { (origin: LogInOrigin) in
            _ = try pages.shop.accounts.logIn(login: "kim", password: "correct horse", from: origin)
        }
        try log(.browser("192.0.2.7", name: "Firefox · Windows", device: nil))
        try log(.program("2001:db8::1"))
        let korean = pages.get("/account", as: token).html
        for words in ["Firefox · Windows, 192.0.2.7", "프로그램, 2001:db8:0:0::/64", "알 수 없는 기기"] {
            #expect(korean.contains(words), "\(words)")
        }
        #expect(pages.get("/account", as: token, in: "en").html.contains("Program, 2001:db8:0:0::/64"))
    }
}
