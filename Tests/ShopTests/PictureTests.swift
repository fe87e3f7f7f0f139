import Shop
import ShopTestSupport
import Testing

/// A product's pictures: their number, order and words, who may change them, and when their files go.
struct PictureTests {
    let shop: TestShop
    let apple: ProductID
    let staff = Staff.shell("root")

    init() throws {
        shop = try TestShop()
        apple = try shop.product("사과")
    }

    private var pictures: PictureAdministration { get throws { try shop.served.pictureAdministration(by: staff) } }

    @discardableResult
    private func add(_ name: String, to product: ProductID? = nil) throws -> PictureHash {
        try pictures.add(FakePicture(name), text: name, to: product ?? apple).picture.picture.hash
    }

    private func texts(of product: ProductID? = nil) throws -> [String] {
        try pictures.show(product ?? apple).pictures.map(\.text)
    }

    @Test func `they come one behind the other, and the first is in the product's row`() throws {
        #expect(try shop.products.find(apple).photo == nil)
        let first = try add("a")
        try add("b")
        #expect(try texts() == ["a", "b"])
        let product = try shop.products.find(apple)
        #expect(product.photo?.hash == first && product.photo?.width == 960 && product.photo?.height == 720)
        #expect(try shop.products.pictures(of: product).map(\.text) == ["a", "b"])
    }

    @Test func `the lists are new at once`() throws {
        let before = shop.products.version
        let hash = try add("a")
        #expect(shop.products.version != before)
        #expect(try shop.products.list(ProductQuery()).items.first?.photo?.hash == hash)
    }

    @Test func `one that a product has already stays where it is, and has the new words`() throws {
        #expect(try pictures.add(FakePicture("a"), text: "a", to: apple).wasThere == false)
        try add("b")
        let lines = try shop.rows("SELECT count(*) FROM trace")
        #expect(try pictures.add(FakePicture("a"), text: "a", to: apple).wasThere)
        #expect(try shop.rows("SELECT count(*) FROM trace") == lines)
        let again = try pictures.add(FakePicture("a"), text: "other", to: apple)
        #expect(again.wasThere && again.picture.text == "other")
        #expect(try texts() == ["other", "b"])
        #expect(try shop.rows("SELECT action FROM trace ORDER BY id DESC LIMIT 1") == ["picture-changed"])
    }

    @Test func `a ninth is refused`() throws {
        for number in 1...8 { try add("\(number)") }
        #expect(throws: ShopError.tooManyPictures(8)) { try add("9") }
        #expect(try texts().count == 8)
    }

    @Test func `of many who add at once, eight succeed`() throws {
        let (shop, apple, staff) = (shop, apple, staff)
        let outcomes = Racers(24) { number in
            _ = try shop.served.pictureAdministration(by: staff).add(
                FakePicture("\(number)"), text: "\(number)", to: apple)
        }.outcomes()
        #expect(try #require(outcomes).successes == 8)
        #expect(try texts().count == 8)
        #expect(try shop.rows("SELECT count(*) FROM trace WHERE action = 'picture-added'") == ["8"])
    }

    @Test(arguments: [
        (0, 3, ["b", "c", "a", "d"]), (3, 1, ["d", "a", "b", "c"]), (1, 2, ["a", "b", "c", "d"]),
        (1, 8, ["a", "c", "d", "b"]), (2, 0, ["c", "a", "b", "d"]),
    ])
    func `their order can be changed`(_ index: Int, _ position: Int, _ expected: [String]) throws {
        let hashes = try ["a", "b", "c", "d"].map { try add($0) }
        _ = try pictures.change(hashes[index], position: position, of: apple)
        #expect(try texts() == expected)
        #expect(try shop.products.find(apple).photo == pictures.show(apple).pictures[0].picture)
    }

    @Test func `their words can be changed, and what changes nothing is not told`() throws {
        let hash = try add("a")
        #expect(try pictures.change(hash, text: "사과 다섯 개", of: apple).text == "사과 다섯 개")
        _ = try pictures.change(hash, text: "사과 다섯 개", position: 1, of: apple)
        #expect(try shop.rows("SELECT action FROM trace ORDER BY id") == ["picture-added", "picture-changed"])
        #expect(
            try shop.rows("SELECT field, before, after FROM trace_changes WHERE trace_id = 2")
                == ["text|a|사과 다섯 개"])
    }

    @Test func `a removed one is told, and the next is the first`() throws {
        let (first, second) = (try add("a"), try add("b"))
        try pictures.remove(first, of: apple)
        #expect(try shop.products.find(apple).photo?.hash == second)
        try pictures.remove(second, of: apple)
        #expect(try shop.products.find(apple).picture == nil)
        #expect(
            try shop.rows("SELECT field, after IS NULL FROM trace_changes WHERE trace_id = 4 ORDER BY position")
                == ["picture|1", "text|1", "position|1"])
        #expect(throws: ShopError.pictureNotFound) { try pictures.remove(second, of: apple) }
        #expect(throws: ShopError.pictureNotFound) { try pictures.change(second, text: "x", of: apple) }
    }

    @Test func `nothing is made for a product that there is not, nor of what is no picture`() throws {
        let nothing = ProductID(99)
        #expect(throws: ShopError.productNotFound) { try add("a", to: nothing) }
        #expect(throws: ShopError.productNotFound) { try pictures.show(nothing) }
        #expect(throws: ShopError.pictureRefused(.unknown)) { try add("<svg>") }
        #expect(shop.pictures.kept.isEmpty)
    }

    @Test(arguments: Role.allCases)
    func `only who may change products may change them`(_ role: Role) throws {
        let staff = Staff(stored: UserID(1), login: "kim", role: role, way: .browser, address: "")
        let mayChange = role.permissions.contains(.changeProducts)
        #expect(((try? shop.served.pictureAdministration(by: staff)) != nil) == mayChange)
    }

    @Test func `a product is added with its first picture, or not at all`() throws {
        let submission = Submission<ManagedProduct>(caller: UserID(1), key: nil) {
            Receipt(code: 201, bytes: Array($0.name.utf8))
        }
        let draft = ProductDraft(name: "배", description: "", price: Won(1_000), stock: 1)
        _ = try pictures.add(draft, with: FakePicture("pear"), text: "배 하나", submission)
        let pear = try #require(try shop.products.list(ProductQuery()).items.first { $0.name == "배" })
        #expect(pear.photo?.hash == FakePicture("pear").hash)
        #expect(try texts(of: pear.id) == ["배 하나"])
        let lines = try shop.rows("SELECT action FROM trace ORDER BY id")
        #expect(lines == ["product-added", "picture-added"])
        #expect(throws: ShopError.pictureRefused(.unknown)) {
            try pictures.add(draft, with: FakePicture("<svg>"), text: "배", submission)
        }
        #expect(try shop.rows("SELECT count(*) FROM products") == ["2"])
    }

    // MARK: Clearing

    @Test func `what no product names is cleared after a week`() throws {
        let hash = try add("a")
        try pictures.remove(hash, of: apple)
        shop.clock.advance(.days(6))
        #expect(try shop.housekeeping.run().clearedPictures == 0)
        #expect(shop.pictures.kept == [hash])
        shop.clock.advance(.days(1))
        #expect(try shop.housekeeping.run().clearedPictures == 1)
        #expect(shop.pictures.kept.isEmpty)
        #expect(try shop.rows("SELECT count(*) FROM pictures") == ["0"])
    }

    @Test func `what another product names stays, and what is named again`() throws {
        let pear = try shop.product("배")
        let shared = try add("a")
        #expect(try add("a", to: pear) == shared)
        let again = try add("b")
        try pictures.remove(shared, of: apple)
        try pictures.remove(again, of: apple)
        shop.clock.advance(.days(5))
        try add("b")
        shop.clock.advance(.days(5))
        #expect(try shop.housekeeping.run().clearedPictures == 0)
        #expect(shop.pictures.kept == [shared, again])
    }

    @Test func `what a process left behind goes, too`() throws {
        _ = try shop.pictures.make(from: FakePicture("stray"))
        let hash = try add("a")
        _ = try shop.housekeeping.run()
        #expect(shop.pictures.kept == [hash])
    }

    @Test func `but it is looked for once a day`() throws {
        _ = try shop.housekeeping.run()
        let stray = try shop.pictures.make(from: FakePicture("stray"))
        shop.clock.advance(.hours(23))
        _ = try shop.housekeeping.run()
        #expect(shop.pictures.kept == [stray.hash])
        shop.clock.advance(.hours(1))
        _ = try shop.housekeeping.run()
        #expect(shop.pictures.kept.isEmpty)
        // A clock that was ahead does not put it off.
        _ = try shop.pictures.make(from: FakePicture("stray"))
        shop.clock.advance(.hours(-30))
        _ = try shop.housekeeping.run(clockIsRight: true)
        #expect(shop.pictures.kept.isEmpty)
    }

    @Test func `more than are cleared at once go in one run`() throws {
        for number in 0..<45 {
            let hash = try add("\(number)")
            try pictures.remove(hash, of: apple)
        }
        shop.clock.advance(.days(7))
        #expect(try shop.housekeeping.run().clearedPictures == 45)
        #expect(shop.pictures.kept.isEmpty)
        #expect(try shop.rows("SELECT count(*) FROM pictures") == ["0"])
    }
}

/// How a picture is named.
struct PictureNameTests {
    private let hash = PictureHash((0..<32).map { UInt8($0 * 8) })

    @Test func `no size is larger than the picture itself`() {
        #expect(Picture.sizes(upTo: 960) == [160, 480, 960])
        #expect(Picture.sizes(upTo: 700) == [160, 480, 700])
        #expect(Picture.sizes(upTo: 480) == [160, 480])
        #expect(Picture.sizes(upTo: 159) == [159])
        #expect(Picture.sizes(upTo: 160) == [160])
    }

    @Test func `its files are named after its hash`() throws {
        let hash = try #require(hash)
        let files = Picture(hash: hash, width: 200, height: 100).files.map(\.path)
        let start = "00/" + String(hash.hex.dropFirst(2))
        #expect(files == ["\(start)-160.webp", "\(start)-160.jpg", "\(start)-200.webp", "\(start)-200.jpg"])
        #expect(PictureHash(hex: hash.hex) == hash)
    }

    @Test(arguments: [
        "", "ab", String(repeating: "g", count: 64), String(repeating: "A", count: 64), "../../etc/passwd",
    ])
    func `nothing else is a hash`(_ text: String) { #expect(PictureHash(hex: text) == nil) }

    @Test func `a product's row tells its own picture from a drawing`() throws {
        let picture = Picture(hash: try #require(hash), width: 960, height: 16_383)
        #expect(Picture(stored: picture.stored) == picture)
        #expect(Product.pictureLength.contains(picture.stored.utf8.count))
        #expect(Picture(stored: "apple") == nil && Picture(stored: "/a/1/2") == nil && Picture(stored: "/") == nil)
    }
}
