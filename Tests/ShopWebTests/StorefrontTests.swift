import Foundation
import Mustache
import ShopTestSupport
import TestSupport
import Testing
import Web

@testable import ShopWeb

/// What pages are made from is checked on loading.
struct StorefrontTests {
    /// A copy of the shop's own storefront, for tests to break.
    private let folder: TemporaryFolder
    private var share: String { folder("share") }

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: Self.original, toPath: folder("share"))
    }

    static var original: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/ShopWeb/Storefront"
        ).standardized.path
    }

    private func load(overriding override: String? = nil, timeZone: String = "Asia/Seoul") throws -> Storefront {
        try Storefront(folder: share, overriding: override, timeZone: timeZone)
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// The line that reports a mistake.
    private func mistake(overriding override: String? = nil, timeZone: String = "Asia/Seoul") -> String {
        do {
            _ = try load(overriding: override, timeZone: timeZone)
            return "none"
        } catch {
            return "\(error)".replacing(folder(""), with: "")
        }
    }

    @Test func `the shop's own files are complete`() throws {
        _ = try load()
    }

    @Test func `both languages have the same words, and none is empty`() throws {
        let storefront = try load()
        let (korean, english) = (storefront.words(.korean), storefront.words(.english))
        #expect(Set(korean.places.keys).symmetricDifference(english.places.keys).sorted() == [])
        for key in korean.places.keys {
            #expect(korean.child(named: key) as? String != "", "\(key)")
            #expect(english.child(named: key) as? String != "", "\(key)")
        }
    }

    @Test func `each text has the same placeholders in both languages`() throws {
        let storefront = try load()
        for (key, places) in storefront.words(.korean).places {
            #expect(storefront.words(.english).places[key] == places, "\(key)")
        }
    }

    @Test func `every word is used somewhere`() throws {
        let storefront = try load()
        var used = Set(WordKey.allCases.map(\.rawValue))
        // A problem's page finds its words by its code.
        used.formUnion(used.map { $0.replacing(/^refused_/, with: "explained_") })
        used.formUnion(OfficeWords.all)
        for name in Storefront.files(share + "/templates") {
            let text = try Storefront.text("\(share)/templates/\(name)")
            for tag in text.split(separator: "{{", omittingEmptySubsequences: false).dropFirst() {
                let key = tag.prefix { $0 != "}" }.drop { "#^/&".contains($0) }
                if key.hasPrefix("t.") { used.insert(String(key.dropFirst(2))) }
            }
        }
        #expect(Set(storefront.words(.korean).places.keys).subtracting(used).sorted() == [])
    }

    /// A parser of JSON takes one of them, and says nothing.
    @Test(arguments: Language.allCases) func `no word stands in the file twice`(_ language: Language) throws {
        let text = try Storefront.text("\(Self.original)/words/\(language.rawValue).json")
        let keys = text.matches(of: /\n  "([^"]+)":/).map { String($0.output.1) }
        #expect(keys.count > 300)
        #expect(Dictionary(grouping: keys, by: \.self).filter { $1.count > 1 }.keys.sorted() == [])
    }

    @Test func `no template has words of its own, and none leaves a value unescaped`() throws {
        for name in Storefront.files(share + "/templates") {
            let text = try Storefront.text("\(share)/templates/\(name)")
            #expect(!text.contains("{{{") && !text.contains("{{&"), "\(name)")
            // Nor any other language: what a reader sees is between tags, or in these attributes.
            let shown = text.replacing(/{{.*?}}/, with: "").replacing(/<[^>]*>|[a-z-]+="[^"]*"/, with: "")
            #expect(!shown.contains(/[\p{L}]{2,}/), "\(name): \(shown.matches(of: /[\p{L}]{2,}/).map(\.output))")
            #expect(!text.contains(/(alt|title|placeholder|aria-label)="[^"{]*\p{L}/), "\(name)")
        }
    }

    @Test func `the program has no words of its own`() throws {
        let sources = Self.original + "/.."
        let files = Storefront.files(sources).filter { $0.hasSuffix(".swift") }
        #expect(files.contains("ProblemList.swift"))
        // This file parses what people write beside a number; it says nothing.
        for name in files where name != "Site/Forms/TypedNumber.swift" {
            let lines = try Storefront.text("\(sources)/\(name)").split(separator: "\n")
            let code = lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
            #expect(!code.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) }, "\(name)")
        }
    }

    @Test func `a broken template is one line that says where`() throws {
        try write("fine\n{{#open}}\n", to: share + "/templates/home.mustache")
        let line = mistake()
        #expect(line.hasPrefix("share/templates/home.mustache, line "))
        #expect(!line.contains("\n"))
    }

    @Test func `a template that uses something missing is one line that says where`() throws {
        try write("fine\n<p>{{t.nothing}}</p>", to: share + "/templates/home.mustache")
        #expect(
            mistake().hasPrefix("share/templates/home.mustache, line 2: there is no word nothing in the language "))
        try write("{{>nothing}}", to: share + "/templates/home.mustache")
        #expect(mistake() == "share/templates/home.mustache, line 1: there is no template nothing")
    }

    @Test func `a missing template is one line`() throws {
        try FileManager.default.removeItem(atPath: share + "/templates/pay.mustache")
        #expect(mistake() == "there is no share/templates/pay.mustache")
    }

    @Test func `words that are missing or broken are one line`() throws {
        try write("{\"a\": 1}", to: share + "/words/en.json")
        #expect(mistake() == "share/words/en.json: has to be an object of texts in JSON")
        try write("{}", to: share + "/words/en.json")
        #expect(mistake() == "share/words/en.json: there is no language_name")
        try FileManager.default.removeItem(atPath: share + "/words/en.json")
        #expect(mistake() == "cannot read share/words/en.json")
    }

    @Test func `a missing style sheet and an unknown time zone are one line`() throws {
        #expect(mistake(timeZone: "Asia/Nowhere") == "there is no time zone Asia/Nowhere")
        try FileManager.default.removeItem(atPath: share + "/static/shop.css")
        #expect(mistake() == "there is no share/static/shop.css")
    }

    @Test func `a folder of templates replaces individual ones`() throws {
        let own = folder("own")
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        try write("<h1>{{title}}</h1>", to: own + "/home.mustache")
        let storefront = try load(overriding: own)
        #expect(storefront.templates.render(["title": "장터"], withTemplate: "home") == "<h1>장터</h1>")
        #expect(storefront.templates.render([String: String](), withTemplate: "login")?.contains("<form") == true)
        try write("x", to: own + "/hom.mustache")
        #expect(mistake(overriding: own) == "own/hom.mustache: the shop has no template of this name")
        #expect(mistake(overriding: folder("own-ly")) == "there is no folder own-ly")
    }

    @Test func `a value stays text whatever it contains`() throws {
        let own = folder("own")
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        try write("<a b=\"{{title}}\">{{#rows}}{{>error-summary}}{{title}}{{/rows}}</a>", to: own + "/home.mustache")
        let storefront = try load(overriding: own)
        // A quote with an accent on it is one character to a reader, and a quote to a browser.
        let html = storefront.templates.render(
            ["title": "\"\u{301} x='<&>", "rows": [["n": 1]]] as [String: Any], withTemplate: "home")
        let escaped = "&quot;\u{301} x=&#39;&lt;&amp;&gt;"
        #expect(html == "<a b=\"\(escaped)\">\(escaped)</a>")
    }

    @Test func `addresses of files change with their content`() throws {
        let before = try load().assets
        #expect(before.named["shop_css"]?.wholeMatch(of: /\/static\/shop\.[0-9a-f]{16}\.css/) != nil)
        #expect(before.picture("apple") != before.picture(nil))
        #expect(before.picture("no such picture") == before.picture(nil))
        try write("body { color: red }", to: share + "/static/shop.css")
        #expect(try load().assets.named["shop_css"] != before.named["shop_css"])
        #expect(try load().assets.named["shop_js"] == before.named["shop_js"])
    }
}
