import Shop
import Testing
import Web

@testable import ShopWeb

/// Amounts and times as people write them.
struct WordingTests {
    private func wording(_ language: Language, _ zone: String = "Asia/Seoul") throws -> Wording {
        let storefront = try Storefront(folder: StorefrontTests.original, overriding: nil, timeZone: zone)
        return Wording(words: storefront.words(language), timeZone: storefront.timeZone)
    }

    private func time(_ text: String) throws -> Timestamp { try #require(DateTime.time(text)) }

    @Test(arguments: [
        (0, "0원", "₩0"), (999, "999원", "₩999"), (1_000, "1,000원", "₩1,000"), (29_500, "29,500원", "₩29,500"),
        (10_000_000, "10,000,000원", "₩10,000,000"), (-3_000, "-3,000원", "-₩3,000"),
    ])
    func `amounts are grouped`(_ amount: Int64, _ korean: String, _ english: String) throws {
        #expect(try wording(.korean).won(Won(amount)) == korean)
        #expect(try wording(.english).won(Won(amount)) == english)
    }

    @Test func `a change says which way it went`() throws {
        #expect(try wording(.korean).change(Won(3_000)) == "+3,000원")
        #expect(try wording(.korean).change(Won(-3_000)) == "-3,000원")
    }

    @Test func `times are in the shop's zone, with the instant for programs`() throws {
        let late = try time("2026-12-31T15:04:59Z")
        #expect(try wording(.korean).text(late) == "2027년 1월 1일 00:04")
        #expect(try wording(.english).text(late) == "1 Jan 2027, 00:04")
        #expect(try wording(.english, "America/New_York").text(late) == "31 Dec 2026, 10:04")
        #expect(
            try wording(.english, "America/New_York").text(try time("2026-07-01T12:00:00Z")) == "1 Jul 2026, 08:00")
        #expect(try wording(.korean).time(late).datetime == "2026-12-31T15:04:59.000Z")
    }

    @Test(arguments: [
        (0, "1분 미만"), (59_999, "1분 미만"), (60_000, "1분"), (3_599_999, "59분"), (3_600_000, "1시간 0분"),
        (86_399_999, "23시간 59분"), (90_000_000, "1일 1시간"), (-5, "1분 미만"),
    ])
    func `the time that is left`(_ milliseconds: Int64, _ text: String) throws {
        let now = try time("2026-11-25T00:00:00Z")
        let then = Timestamp(milliseconds: now.milliseconds + milliseconds)
        #expect(try wording(.korean).span(from: now, to: then) == text)
    }

    @Test(arguments: [
        (Language.korean, "김치", false), (.korean, "Kimchi", false), (.english, "김치", true), (.english, "Kimchi", false),
        (.english, "Kimchi 김치", true), (.english, "", false),
    ])
    func `a Korean name on an English page is marked as such`(
        _ language: Language, _ name: String, _ isMarked: Bool
    ) throws {
        let named = try wording(language).named(name)
        #expect(named.text == name)
        #expect(named.lang as? String == (isMarked ? "ko" : nil))
    }

    @Test(arguments: [
        (Int64(1), "1 item", "1가지"), (0, "0 items", "0가지"), (2, "2 items", "2가지"), (1_001, "1,001 items", "1,001가지"),
    ])
    func `one and many have different words`(_ count: Int64, _ english: String, _ korean: String) throws {
        #expect(try wording(.english).items(Int(count)) == english)
        #expect(try wording(.korean).items(Int(count)) == korean)
    }

    @Test func `a value is not scanned for placeholders`() throws {
        let words = try wording(.korean).words
        #expect(words(.titleSearch, ["query": .text("{query} {id}")]).contains("{query} {id}"))
    }
}
