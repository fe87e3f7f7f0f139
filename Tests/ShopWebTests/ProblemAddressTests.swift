import Foundation
import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// A problem's type is the address of a page that explains it.
struct ProblemAddressTests {
    let pages: PageShop

    init() throws { pages = try PageShop() }

    /// All codes that the shop or the nginx in front of it can answer.
    static let codes: Set<String> = {
        let thrown = ProblemListTests.errors + [UnavailableError("")]
        let own = thrown.compactMap { Problem($0)?.code.description } + [Problem.internalError.code.description]
        let nginx = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../nginx.conf")
        // It must contain its map from statuses to codes.
        let text = (try? String(contentsOf: nginx, encoding: .utf8)) ?? ""
        let map = text.components(separatedBy: " $problem_code {").last?.prefix { $0 != "}" } ?? ""
        let fronts = map.split(separator: ";").compactMap {
            $0.split(whereSeparator: \.isWhitespace).last.map(String.init)
        }
        return Set(own + fronts)
    }()

    @Test func `there are all of them`() {
        #expect(Self.codes.count > 35)
        #expect(Self.codes.contains("uri_too_long"))
    }

    @Test(arguments: Language.allCases)
    func `every code is explained, in the reader's language`(_ language: Language) throws {
        let list = pages.get("/problems", in: language.rawValue).html
        let words = try Words(StorefrontTests.original + "/words", language)
        for code in Self.codes {
            let response = pages.get("/problems/\(code)", in: language.rawValue)
            #expect(response.status == .ok, "\(code)")
            #expect(response.fields[.contentLanguage] == language.rawValue)
            let explained = words.child(named: "explained_\(code)") as? String
            let title = try #require(words.child(named: "refused_\(code)") as? String, "\(code)")
            #expect(explained != nil, "explained_\(code)")
            #expect(response.html.contains(StrictHTML().escapeText(title)), "\(code)")
            #expect(response.html.contains(StrictHTML().escapeText(explained ?? "")), "\(code)")
            #expect(response.html.contains("<code>\(code)</code>"), "\(code)")
            #expect(list.contains("href=\"/problems/\(code)\""), "\(code)")
        }
    }

    @Test(arguments: ["x", "internal-error", "%00", "refused_forbidden", "Forbidden", "forbidden%2F"])
    func `an unknown code is not found`(_ code: String) {
        #expect(pages.get("/problems/\(code)").status == .notFound)
    }
}
