import Testing

@testable import ShopWeb

struct LanguageTests {
    @Test(arguments: [
        (nil, Language.korean), ("", .korean), ("en", .english), ("en-US", .english), ("EN-gb", .english),
        ("ko", .korean), ("fr", .korean), ("fr, en;q=0.1", .english), ("en;q=0.5, ko;q=0.6", .korean),
        ("ko;q=0.5, en;q=0.6", .english), ("en, ko", .english), ("ko, en", .korean), ("*", .korean),
        ("en;q=0", .korean), ("en;q=0, *", .korean), ("de;q=1, *;q=0.5, en;q=0.8", .english), ("en;q=x", .korean),
        ("english", .korean), (" en ; q=0.9 ,ko;q=0.2", .english), (",,;q=1", .korean),
        ("en;level=1;q=0.2, ko;q=0.3", .korean),
    ])
    func `the best language is chosen, Korean if none fits`(_ field: String?, _ language: Language) {
        #expect(Language(acceptLanguage: field) == language)
    }

    @Test func `an endless field costs no more than its beginning`() {
        let long = String(repeating: "fr;q=0.1,", count: 100_000) + "en"
        #expect(Language(acceptLanguage: long) == .korean)
    }
}
