import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The page of a product's pictures, and how they are shown in the shop.
struct PicturePagesTests {
    let pages: PageShop
    let token: Token
    let apple: ProductID

    init() throws {
        pages = try PageShop()
        apple = try pages.shop.product("사과")
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "직원", role: .manager))
        token = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private var path: String { SitePath.officePictures(of: apple).text }

    /// Sends the form as a browser does.
    private func upload(
        _ file: String, text: String = "사과 다섯 개", csrf: String? = nil, body: Request.Body? = nil,
        to target: String? = nil, with more: [(String, String)] = []
    ) -> Response {
        let key = more.contains { $0.0 == "key" } ? [] : [("key", Token.random().text)]
        let parts = ([("csrf", csrf ?? token.formToken()), ("text", text)] + key + more).map { name, value in
            "--x1\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        let form =
            parts.joined() + "--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
            + file + "\r\n--x1--\r\n"
        var fields: HTTPFields = [.host: "shop.example", .acceptLanguage: "ko"]
        fields[.contentType] = "multipart/form-data; boundary=x1"
        fields[.cookie] = "session=\(token.text)"
        return pages.respond(
            Request(method: .post, target: target ?? path, fields: fields, body: body ?? .bytes(Array(form.utf8))))
    }

    private func hash() throws -> PictureHash { try #require(try pages.shop.products.find(apple).photo).hash }

    @Test func `a picture is added and shown, first in the shop`() throws {
        #expect(pages.get(path, as: token).html.contains("아직 사진이 없습니다."))
        let response = upload("jpeg")
        #expect(response.status == .seeOther && response.fields[.location] == path)
        let hash = try hash()
        let office = pages.get(path, as: token).html
        #expect(office.contains("value=\"사과 다섯 개\"") && office.contains("첫 사진</span>"))
        let start = "/pictures/\(hash.path)"
        let product = pages.get("/products/\(apple.value)").html
        #expect(
            product.contains(
                "<source type=\"image/webp\" srcset=\"\(start)-160.webp 160w, \(start)-480.webp 480w, \(start)-960.webp 960w\""
            ))
        #expect(product.contains("src=\"\(start)-480.jpg\""))
        #expect(product.contains("alt=\"사과 다섯 개\" width=\"960\" height=\"720\">"))
        let list = pages.get("/products").html
        #expect(
            list.contains("srcset=\"\(start)-160.webp 160w")
                && list.contains("alt=\"\" width=\"960\" height=\"720\" loading=\"lazy\""))
    }

    @Test func `of one that is there already the page says so, and shows the new words`() throws {
        #expect(upload("jpeg").cookie("notice") == "notice=picture-added")
        let again = upload("jpeg", text: "빨간 사과")
        #expect(again.cookie("notice") == "notice=picture-there")
        let place = "picture-\(PictureRow.textField(try hash()))"
        #expect(again.fields[.location] == "\(path)#\(place)")
        let html = pages.get(path, as: token).html
        #expect(html.contains("id=\"\(place)\"") && html.contains("value=\"빨간 사과\""))
        #expect(!html.contains("value=\"사과 다섯 개\""))
    }

    @Test func `a product can be added with its first picture`() throws {
        let more = [
            ("key", Token.random().text), ("name", "배"), ("price", "1,000"), ("stock", "3"), ("listed", "1"),
        ]
        let refused = upload("<svg>", text: "배 하나", to: "/admin/products", with: more)
        #expect(refused.status == .unprocessableContent && refused.html.contains("id=\"error-file\""))
        #expect(refused.html.contains("value=\"배\"") && refused.html.contains("value=\"배 하나\""))
        let wordless = upload("jpeg", text: "", to: "/admin/products", with: more)
        #expect(wordless.html.contains("id=\"error-text\"") && !wordless.html.contains("id=\"error-file\""))
        // No page can fill the file in again.
        #expect(wordless.html.contains("id=\"lost-file\""))
        let fileless = upload("", text: "배 하나", to: "/admin/products", with: more)
        #expect(fileless.html.contains("id=\"error-file\"") && !fileless.html.contains("id=\"error-text\""))
        #expect(!fileless.html.contains("lost-file"))
        for _ in 0..<2 {
            #expect(upload("jpeg", text: "배 하나", to: "/admin/products", with: more).status == .seeOther)
        }
        let plain = [("key", Token.random().text), ("name", "감"), ("price", "1"), ("stock", "1")]
        #expect(upload("", text: "", to: "/admin/products", with: plain).status == .seeOther)
        let pears = try pages.shop.products.list(ProductQuery()).items.filter { $0.name == "배" }
        #expect(pears.map { $0.photo != nil } == [true])
    }

    @Test func `the form for a new product, sent again with another picture, is not taken for the first`() throws {
        let more = [("key", Token.random().text), ("name", "배"), ("price", "1,000"), ("stock", "3")]
        #expect(upload("wrong", text: "배", to: "/admin/products", with: more).status == .seeOther)
        let second = upload("right", text: "배", to: "/admin/products", with: more)
        #expect(second.status == .unprocessableContent, "\(second.status)")
        #expect(second.html.contains("role=\"alert\""))
        #expect(upload("wrong", text: "배", to: "/admin/products", with: more).status == .seeOther)
        #expect(try pages.shop.rows("SELECT count(*) FROM products WHERE name = '배'") == ["1"])
    }

    @Test func `a product without one keeps its drawing`() throws {
        let html = pages.get("/products/\(apple.value)").html
        #expect(html.contains("/static/pictures/basket.") && !html.contains("<picture>"))
    }

    @Test func `what is wrong is said at its field, with what was typed`() throws {
        let refused = upload("<svg>", text: "빨간 사과")
        #expect(refused.status == .unprocessableContent)
        #expect(refused.html.contains("id=\"error-file\">JPEG, PNG, WebP 사진이 아닙니다"))
        #expect(refused.html.contains("name=\"text\" value=\"빨간 사과\""))
        let nothing = upload("", text: "")
        #expect(nothing.html.contains("id=\"error-file\"") && nothing.html.contains("id=\"error-text\""))
        let wordless = upload("jpeg", text: "")
        #expect(wordless.html.contains("id=\"error-text\"") && wordless.html.contains("id=\"lost-file\""))
        #expect(try pages.shop.products.find(apple).photo == nil)
    }

    @Test func `one that is too large is told so on the same page`() {
        let refused = upload("", body: .tooLarge)
        #expect(refused.status == .contentTooLarge)
        #expect(refused.html.contains("id=\"error-file\">사진 파일이 너무 큽니다. 10 MB까지 올릴 수 있습니다."))
    }

    @Test func `a form from elsewhere adds nothing`() throws {
        #expect(upload("jpeg", csrf: "x").status == .forbidden)
        #expect(pages.shop.pictures.kept.isEmpty)
        #expect(try pages.shop.products.find(apple).photo == nil)
    }

    @Test func `no other form takes a file`() {
        var fields: HTTPFields = [.host: "shop.example", .contentType: "multipart/form-data; boundary=x1"]
        fields[.cookie] = "session=\(token.text)"
        let body = Request.Body.bytes(Array("--x1--\r\n".utf8))
        let answer = pages.respond(Request(method: .post, target: "/basket", fields: fields, body: body))
        #expect(answer.status == .unsupportedMediaType)
    }

    @Test func `order and words are changed by its own form`() throws {
        _ = upload("first")
        _ = upload("second", text: "배")
        let first = try hash()
        let form = "csrf=\(token.formToken())&\(PictureRow.textField(first))=%EA%B0%90&position=2"
        let moved = pages.post(SitePath.officePicture(first, of: apple).text, form, as: token)
        #expect(moved.status == .seeOther)
        let pictures = try pages.shop.products.pictures(of: try pages.shop.products.find(apple))
        #expect(pictures.map(\.text) == ["배", "감"])
        let empty = "csrf=\(token.formToken())&\(PictureRow.textField(first))="
        let refused = pages.post(SitePath.officePicture(first, of: apple).text, empty, as: token)
        #expect(refused.status == .unprocessableContent)
        let field = PictureRow.textField(first)
        #expect(refused.html.contains("href=\"#field-\(field)\"") && refused.html.contains("id=\"error-\(field)\""))
    }

    @Test func `removing is asked first`() throws {
        _ = upload("first")
        let hash = try hash()
        let remove = SitePath.removePicture(hash, of: apple).text
        #expect(pages.get(remove, as: token).html.contains("상품에 다른 사진이 없어"))
        #expect(try pages.shop.products.find(apple).photo != nil)
        #expect(pages.post(remove, "csrf=\(token.formToken())", as: token).status == .seeOther)
        #expect(try pages.shop.products.find(apple).photo == nil)
        // Pressed twice, it is gone all the same.
        #expect(pages.post(remove, "csrf=\(token.formToken())", as: token).status == .seeOther)
        #expect(pages.get(remove, as: token).status == .notFound)
    }

    @Test func `eight are enough`() {
        for number in 0..<8 { #expect(upload("\(number)").status == .seeOther) }
        let html = pages.get(path, as: token).html
        #expect(html.contains("사진이 8장입니다.") && !html.contains("name=\"file\""))
        #expect(upload("9").status == .conflict)
    }

    // MARK: Large bodies

    @Test(arguments: Role.allCases)
    func `a large body is kept only from who may add pictures`(_ role: Role) throws {
        _ = try pages.shop.administration.create(
            SignUp(login: "kim", password: "correct horse", name: "직원", role: role))
        let kim = try pages.shop.accounts.logIn(
            login: "kim", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        var router = Router()
        addPages(to: &router, pages.site)
        addAPI(to: &router, pages.site)
        let uploads = Uploads(shop: pages.shop.served)
        func keeps(_ path: String, _ fields: HTTPFields, _ method: HTTPRequest.Method = .post) -> Bool {
            uploads.keep(Request(method: method, target: path, fields: fields, body: .tooLarge), router)
        }
        let cookie: HTTPFields = [.cookie: "session=\(kim.text)", .host: "shop.example"]
        let bearer: HTTPFields = [.authorization: "Bearer \(kim.text)"]
        let may = role.permissions.contains(.changeProducts)
        #expect(keeps(path, cookie) == may)
        #expect(keeps("/api/v1" + path + "?text=a", bearer) == may)
        // Each way has its own key; nobody else, from nowhere else, and nothing else.
        #expect(!keeps(path, bearer) && !keeps("/api/v1" + path, cookie) && !keeps(path, [:]))
        var foreign = cookie
        foreign[.origin] = "http://evil.example"
        #expect(!keeps(path, foreign))
        #expect(!keeps(path, cookie, .get) && !keeps("/basket", cookie) && !keeps("/api/v1/orders", bearer))
    }
}
