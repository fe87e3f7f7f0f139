import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Products in by files, in a browser and by a program: what a file says, and each kind of mistake in it.
struct ProductImportPagesTests {
    let pages: PageShop
    let token: Token

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "직원", role: .manager))
        token = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    /// Sends the form as a browser does.
    private func send(_ file: [UInt8], body: Request.Body? = nil, in language: String = "ko") -> Response {
        let head =
            "--x1\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n\(token.formToken())\r\n--x1\r\n"
            + "Content-Disposition: form-data; name=\"key\"\r\n\r\n\(Token.random().text)\r\n--x1\r\n"
            + "Content-Disposition: form-data; name=\"csv\"; filename=\"상품.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        var fields: HTTPFields = [.host: "shop.example", .acceptLanguage: language]
        fields[.contentType] = "multipart/form-data; boundary=x1"
        fields[.cookie] = "session=\(token.text)"
        let form = Array(head.utf8) + file + Array("\r\n--x1--\r\n".utf8)
        return pages.respond(
            Request(method: .post, target: "/admin/products/import", fields: fields, body: body ?? .bytes(form)))
    }

    private func send(_ file: String, in language: String = "ko") -> Response { send(Array(file.utf8), in: language) }

    /// The page of a file that could be read.
    private func checked(_ file: String, _ query: String = "") throws -> String {
        let response = send(file)
        #expect(response.status == .seeOther, "\(response.html)")
        return pages.get(try #require(response.fields[.location]) + query, as: token).html
    }

    /// What is said to be wrong with the file's only row.
    private func problems(_ file: String) throws -> [String] {
        try checked(file).matches(of: /<p class="field-error">([^<]*)<\/p>/).map { String($0.output.1) }
    }

    private func apply(_ id: Int) -> Response {
        pages.post("/admin/products/import/\(id)/apply", "csrf=\(token.formToken())", as: token)
    }

    private func found(_ sku: String) throws -> ManagedProduct? {
        let sku = try #require(SKU(sku))
        return try pages.shop.store.read { tx in try tx.products.find(sku) }
    }

    @Test func `a file is checked, shown row by row, and applied`() throws {
        let form = pages.get("/admin/products/import", as: token).html
        #expect(form.contains("enctype=\"multipart/form-data\"") && form.contains("<code>stock_before</code>"))
        #expect(pages.get("/admin/products", as: token).html.contains("href=\"/admin/products/import\""))
        _ = try pages.shop.product("사과", price: 1_000)
        let page = try checked("id,sku,name,price,Farbe\r\n1,,사과,\"1,200원\",rot\r\n,P-1,<b>,900,\r\n9,,x,1,\r\n")
        for part in [
            "2줄 적용하기", "잘못된 줄은 빼고 적용합니다.", "<code>farbe</code>", ">1,000원</span></del>", ">1,200원</span></ins>",
            "&lt;b&gt;", "id: 9번 상품이 없습니다.", "href=\"/admin/products/1\"",
        ] { #expect(page.contains(part), "\(part)") }
        #expect(try found("P-1") == nil)
        let applied = apply(1)
        #expect(applied.status == .seeOther && applied.fields[.location] == "/admin/products/import/1")
        #expect(try found("P-1")?.name == "<b>")
        #expect(try pages.shop.stored(ProductID(1))?.price == Won(1_200))
        let done = pages.get("/admin/products/import/1", as: token).html
        #expect(done.contains("적용한 줄: <strong>2</strong>") && !done.contains("적용하기</button>"))
        // Twice does nothing, as by somebody who presses twice.
        #expect(apply(1).status == .seeOther)
        #expect(try pages.shop.stored(ProductID(1))?.price == Won(1_200))
        let wrong = pages.get("/admin/products/import/1?filter=wrong", as: token).html
        #expect(wrong.contains("9번 상품") && !wrong.contains("&lt;b&gt;"))
        #expect(pages.get("/admin/products/import/1?filter=x", as: token).status == .unprocessableContent)
        #expect(pages.get("/admin/products/import/2", as: token).status == .notFound)
        #expect(apply(2).status == .notFound)
        #expect(pages.get("/admin/products/import/1", as: token, in: "en").html.contains("id: There is no product 9."))
    }

    @Test func `rows that are refused are said to be, with a way to them, and the file is found again`() throws {
        _ = try pages.shop.product("사과", price: 1_000)
        _ = try pages.shop.product("배", price: 1_000)
        _ = try checked("id,price,version\r\n1,1200,1\r\n2,1200,1\r\n")
        _ = try pages.shop.change(ProductID(1), price: 1_100)
        let applied = apply(1)
        #expect(applied.cookie("notice") == "notice=import-applied-in-part")
        let page = pages.get("/admin/products/import/1", as: token).html
        #expect(page.contains("1줄을 적용하지 못했습니다.") && page.contains("import/1?filter=refused\">어떤 줄인지 보기"))
        let row = /<a href="\/admin\/products\/import\/1">.*>boss<.*>2<.*>0<.*>1<.*>1<\/td><\/tr>/
        #expect(pages.get("/admin/products/import", as: token).html.firstMatch(of: row) != nil)
        _ = try checked("id,price\r\n1,1300\r\n")
        #expect(apply(2).cookie("notice") == "notice=import-applied")
        #expect(!pages.get("/admin/products/import/2", as: token).html.contains("적용하지 못했습니다"))
        let imports = try pages.shop.served.productImports(by: .test)
        let first = try imports.list(before: nil, limit: 1)
        #expect(first.items.map(\.id.value) == [2] && first.hasMore)
        let rest = try imports.list(before: first.items[0].id, limit: 1)
        #expect(try rest.items == [imports.find(ProductImportID(1))] && !rest.hasMore)
        #expect(rest.items[0].rows.done == 1 && rest.items[0].rows.refused == 1)
    }

    @Test func `the products of a file can be given back as a spreadsheet writes them`() throws {
        let apple = try pages.shop.product("=사과, \"햇것\"", price: 1_000, description: "-한\n줄\t'끝' ")
        _ = try pages.shop.product("'+배", stock: 0)
        _ = try pages.shop.served.productAdministration(by: .test).update(
            apple, ProductChange(isListed: false, sku: SKU("0012"), lowStock: 3))
        let file = pages.get("/admin/products.csv", as: token).html
        #expect(try checked(file).contains("적용할 것이 없습니다."))
        // With semicolons, every cell quoted, other line ends and without the mark.
        var reader = CSVReader()
        var rows: [[String]] = []
        try reader.read(Array(file.utf8)) { rows.append($0.cells) }
        let quoted = rows.map { row in
            row.map { "\"\($0.replacing("\"", with: "\"\"").replacing("\n", with: "\r\n"))\"" }.joined(separator: ";")
        }.joined(separator: "\n")
        #expect(try checked(quoted).contains("적용할 것이 없습니다."))
        #expect(try checked(quoted.replacing("\"0012\"", with: "\"12\"")).contains("SKU 앞의 0이 없어졌습니다."))
        _ = try checked(quoted.replacing("\"1000\"", with: "\"2,000\"").replacing("\"false\"", with: "TRUE"))
        #expect(apply(4).status == .seeOther)
        let changed = try #require(try found("0012"))
        #expect(changed.price == Won(2_000) && changed.isListed && changed.name == "=사과, \"햇것\"")
        #expect(changed.description == "-한\n줄\t'끝' " && changed.lowStock == 3 && changed.stock == 100)
    }

    @Test(arguments: [
        ("sku,price\nA-1,\n", "price: 값이 있어야 합니다."),
        ("sku,price\nA-1,비쌈\n", "price: 숫자가 아닙니다."),
        ("sku,price\nA-1,12.50\n", "price: 숫자가 아닙니다."),
        ("sku,price\nA-1,-1\n", "price: 0 이상이어야 합니다."),
        ("sku,price\nA-1,1000000001\n", "price: 1,000,000,000 이하여야 합니다."),
        ("sku,stock\nA-1,-2\n", "stock: 0 이상이어야 합니다."),
        ("sku,low_stock\nA-1,x\n", "low_stock: 숫자가 아닙니다."),
        ("sku,listed\nA-1,maybe\n", "listed: true나 false여야 합니다."),
        ("sku,name\nA-1, \n", "name: 값이 있어야 합니다."),
        ("sku,name\nA-1,\(String(repeating: "가", count: 201))\n", "name: 200자 이하여야 합니다."),
        ("sku,price\n8.80123E+12,1\n", "sku: 영문자, 숫자, -, ., _, /만 쓸 수 있고 영문자나 숫자로 시작해야 합니다."),
        ("sku,price\n\(String(repeating: "A", count: 41)),1\n", "sku: 40자 이하여야 합니다."),
        ("id,sku,price\nx,,1\n", "id: 숫자가 아닙니다."),
        ("id,price\n99,1\n", "id: 99번 상품이 없습니다."),
        ("id,price\n,1\n", "id나 sku가 있어야 합니다. 새 상품에는 sku를 적어 주세요."),
        ("sku,price\nA-1\n", "칸이 2개여야 합니다."),
        ("sku,price\nA-1,1,2\n", "칸이 2개여야 합니다."),
        ("sku,name\nNEW,새것\n", "price: 값이 있어야 합니다."),
        ("sku,price\nA-1,1\na-1,2\n", "2번 줄에 이미 있는 상품입니다."),
    ])
    func `each kind of mistake is told at its row`(_ file: String, _ says: String) throws {
        let draft = ProductDraft(name: "사과", description: "", price: Won(1_000), stock: 5, sku: SKU("A-1"))
        let now = pages.shop.clock.now
        _ = try pages.shop.store.write { tx in try tx.products.add(draft, at: now) }
        #expect(try problems(file) == [says])
    }

    @Test func `empty cells at the end of a row, and empty rows, are no mistakes`() throws {
        let page = try checked("sku,name,price\r\n\r\nA-1,사과,1,,\r\n,,\r\n")
        #expect(page.contains("1줄 적용하기") && page.contains("줄 3</span>"))
    }

    @Test(arguments: [
        ("", "첫 줄 아래에 상품이 없습니다."), ("sku,name\n\n", "첫 줄 아래에 상품이 없습니다."),
        ("name,price\n사과,1\n", "첫 줄에 id나 sku라는 열이 있어야 합니다."),
        ("sku,price,SKU\nA,1,B\n", "이름이 같은 열이 두 개 있습니다: sku"),
        ("sku,name\nA,\"사과\nB,배\n", "2번 줄의 따옴표가 맞지 않습니다."),
        ("sku,name\nA,\(String(repeating: "x", count: 1_000_000))\n", "2번 줄이 너무 깁니다."),
    ])
    func `a file that cannot be read is refused at its field`(_ file: String, _ says: String) throws {
        let response = send(file)
        #expect(response.status == .unprocessableContent || file.isEmpty)
        if !file.isEmpty {
            #expect(response.html.contains(says) && response.html.contains("id=\"error-csv\""))
        } else {
            #expect(response.html.contains("id=\"error-csv\""))
        }
        #expect(try pages.shop.rows("SELECT count(*) FROM product_imports") == ["0"])
    }

    @Test func `another encoding, too many rows and too much are refused in words`() throws {
        let korean = send(Array("sku,name\nA,".utf8) + [0xbb, 0xe7, 0xb0, 0xfa])
        #expect(korean.status == .unprocessableContent && korean.html.contains("‘CSV UTF-8’ 형식으로"))
        let wide = send([0xff, 0xfe] + "sku\nA\n".utf8.flatMap { [$0, 0] }, in: "en")
        #expect(wide.status == .unprocessableContent && wide.html.contains("Row 1 is not in UTF-8."))
        let long = send("sku\n" + String(repeating: "A\n", count: ProductImport.mostRows + 1))
        #expect(long.status == .unprocessableContent && long.html.contains("20,000줄까지"))
        let large = send([], body: .tooLarge)
        #expect(large.status == .contentTooLarge && large.html.contains("10 MB까지"))
        #expect(try pages.shop.rows("SELECT count(*) FROM product_imports") == ["0"])
    }

    @Test func `a long file has pages`() throws {
        let rows = (1...120).map { "N-\($0),상품 \($0),1\n" }.joined()
        let first = try checked("sku,name,price\n" + rows)
        let link = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        let second = pages.get(String(link).replacing("&amp;", with: "&"), as: token).html
        #expect(first.contains(">N-50<") && !first.contains(">N-51<"))
        #expect(second.contains(">N-51<") && second.contains("href=\"/admin/products/import/1\""))
    }
}
