import Foundation
import Shop
import Testing
import Web

@testable import ShopWeb

/// Limits named in words and templates are the real ones.
struct HintTests {
    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(StorefrontTests.original)/\(file)", encoding: .utf8)
    }

    @Test(arguments: Language.allCases) func `hints name the limits that hold`(_ language: Language) throws {
        let file = Data(try text("words/\(language.rawValue).json").utf8)
        let words = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        func numbers(_ word: String) throws -> [Int] {
            try #require(words[word] as? String).split { !$0.isNumber }.compactMap { Int($0) }
        }
        #expect(try numbers("hint_login") == [SignUp.loginLength.lowerBound, SignUp.loginLength.upperBound])
        #expect(try numbers("hint_password") == [PasswordRule.length.lowerBound])
    }

    @Test func `the search field takes what a search takes`() throws {
        let field = try #require(try PageShop().get("/").html.firstMatch(of: /<input type="search"[^>]*>/)).output
        #expect(field.contains("maxlength=\"\(ProductListInput.longestText)\""))
    }
}
