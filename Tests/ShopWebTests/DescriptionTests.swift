import Foundation
import HTTPTypes
import Shop
import Testing
import Web

@testable import ShopWeb

/// The API's description has every route and every code, and no others. The form of the answers is tested from outside.
struct DescriptionTests {
    let pages: PageShop
    private let lines = String(decoding: DescriptionAPI.text, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)

    init() throws { pages = try PageShop() }

    @Test func `it is answered exactly as in the sources`() {
        let answer = pages.get("/api/v1/openapi.yaml")
        #expect(answer.status == .ok)
        #expect(answer.fields[.contentType] == "application/yaml")
        #expect(answer.body == DescriptionAPI.text)
        #expect(pages.get("/").html.contains("href=\"/api/v1/openapi.yaml\""))
    }

    @Test func `every route is described, and every described route exists`() {
        var described: Set<String> = []
        var path = ""
        for line in lines.drop(while: { $0 != "paths:" }).prefix(while: { $0 != "components:" }) {
            if let found = line.wholeMatch(of: /\ {2}(\/.*):/) { path = String(found.1) }
            if let found = line.wholeMatch(of: /\ {4}(get|post|patch|put|delete):/) {
                described.insert("\(found.1.uppercased()) \(path)")
            }
        }
        var router = Router()
        addAPI(to: &router, pages.site)
        let routes = router.routes.map { route in
            let path = route.pattern.dropFirst("/api/v1".count)
            return "\(route.method.rawValue) \(path.replacing(/:(\w+)/) { "{\($0.1)}" })"
        }
        #expect(routes.count > 20)
        #expect(described == Set(routes))
    }

    @Test func `every code that programs can get is described, and no other`() {
        let described = lines.drop { $0 != "          enum:" }.dropFirst().prefix { $0.hasPrefix("            - ") }
        // Baskets, and what a page has shown, exist for pages only.
        let ofPages: Set = ["basket_full", "too_many_of_one", "basket_empty", "basket_changed", "order_changed"]
        let codes = described.map { String($0.dropFirst("            - ".count)) }
        #expect(Set(codes) == ProblemAddressTests.codes.subtracting(ofPages))
    }

    @Test func `every change that the trace can tell of is described, and no other`() {
        let described = lines.drop { $0 != "    TraceAction:" }.drop { $0 != "      enum:" }.dropFirst()
            .prefix { $0.hasPrefix("        - ") }.map { String($0.dropFirst("        - ".count)) }
        #expect(described == TraceAction.allCases.map(\.rawValue))
    }
}
