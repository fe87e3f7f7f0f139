import Foundation
import Mustache
import Shop
import Testing
import Web

@testable import ShopWeb

/// Templates use exactly the members of their models: Mustache itself silently leaves out what is missing.
struct TemplateModelTests {
    private let storefront: Storefront
    private let templates: [String: [Tag]]
    private let texts: [String: String]
    /// Each model type, as in its source.
    private let types: [String: ModelSource]

    init() throws {
        storefront = try Storefront(folder: StorefrontTests.original, overriding: nil, timeZone: "Asia/Seoul")
        let folder = StorefrontTests.original + "/templates"
        var texts: [String: String] = [:]
        for file in Storefront.files(folder) where file.hasSuffix(".mustache") {
            texts[String(file.dropLast(".mustache".count))] = try Storefront.text("\(folder)/\(file)")
        }
        self.texts = texts
        templates = texts.mapValues(Tag.all)
        types = try ModelSource.all(in: StorefrontTests.original + "/..")
    }

    @Test func `every page has a model`() {
        #expect(Set(ModelSamples.pages.map { type(of: $0).template }) == Set(PageTemplate.allCases))
    }

    @Test func `every name in a template is a member of its model`() {
        for page in ModelSamples.pages {
            let walk = walk(page)
            #expect(walk.missing.sorted() == [], "\(type(of: page))")
        }
    }

    @Test func `every field in a template is one of its form's`() {
        for page in ModelSamples.pages {
            let walk = walk(page)
            let text = walk.walked.compactMap { texts[$0] }.joined()
            for field in walk.fields {
                #expect(text.contains("name=\"\(field)\""), "\(type(of: page)): \(field)")
            }
        }
    }

    @Test func `every member is used by a template`() {
        var used: [String: Set<String>] = [:]
        for page in ModelSamples.pages { used.merge(walk(page).used) { $0.union($1) } }
        for (name, source) in types {
            #expect(source.members.subtracting(used[name] ?? []).sorted() == [], "\(name)")
        }
        // So that a type whose source is not recognized cannot hide.
        #expect(Set(used.keys).isSubset(of: types.keys))
        #expect(types.count > 30)
    }

    @Test func `templates can use every property of a model`() {
        for (name, source) in types {
            let left = source.properties.filter { !source.lookup.contains($0) }
            #expect(left == [], "\(name)")
        }
    }

    private func walk(_ page: any PageModel) -> TemplateWalk {
        let whole = WholePage(refusal: ModelSamples.errors, page: page, layout: ModelSamples.layout(storefront))
        var walk = TemplateWalk(templates: templates, types: types)
        walk.template(type(of: page).template.rawValue, [whole])
        return walk
    }
}

/// One `{{tag}}` of a template.
private struct Tag {
    /// `#`, `^`, `/`, `>`, `<`, `$`, `!`, or none for a value.
    let mark: Character?
    let name: String

    static func all(in text: String) -> [Tag] {
        text.matches(of: /\{\{([#^\/><$!]?)\s*([^}]*?)\s*\}\}/).map { match in
            Tag(mark: match.output.1.first, name: String(match.output.2))
        }
    }
}

/// The source of a type that templates are rendered from.
private struct ModelSource {
    /// The names it can be asked for.
    let members: Set<String>
    /// Its stored properties.
    let properties: [String]
    /// The words in the function that finds a member.
    let lookup: Set<String>

    /// Keyed by the type's name.
    static func all(in folder: String) throws -> [String: ModelSource] {
        var types: [String: ModelSource] = [:]
        for file in Storefront.files(folder) where file.hasSuffix(".swift") {
            let text = try Storefront.text("\(folder)/\(file)")
            for match in text.matches(of: /(?m)^( *)struct (\w+): (?:TemplateModel|PageModel) \{\n/) {
                // Only what is indented as the type's own, which leaves out types inside it.
                let indent = "\n" + match.output.1
                let body = text[match.range.upperBound...]
                let whole = "\n" + body[..<(body.range(of: indent + "}")?.lowerBound ?? body.endIndex)]
                let lookup = whole.range(of: indent + "    func child(named name: String)")
                let found = lookup.map { whole[$0.upperBound...] } ?? ""
                let own = whole.matches(of: /(?m)^( *)let (\w+):/).filter { $0.output.1 == match.output.1 + "    " }
                types[String(match.output.2)] = ModelSource(
                    members: Set(
                        found.matches(of: /case (".*?"):/).flatMap { cases in
                            cases.output.1.matches(of: /"(\w+)"/).map { String($0.output.1) }
                        }),
                    properties: own.map { String($0.output.2) },
                    lookup: Set(found.matches(of: /\w+/).map { String($0.output) }))
            }
        }
        return types
    }
}

/// Walks a template as Mustache does, into every section.
private struct TemplateWalk {
    let templates: [String: [Tag]]
    let types: [String: ModelSource]
    /// The names that nothing on the page has.
    private(set) var missing: Set<String> = []
    /// The members that were found, by their type.
    private(set) var used: [String: Set<String>] = [:]
    /// The fields that the page's form was asked for.
    private(set) var fields: Set<String> = []
    /// The templates that make up the page.
    private(set) var walked: Set<String> = []

    init(templates: [String: [Tag]], types: [String: ModelSource]) {
        self.templates = templates
        self.types = types
    }

    mutating func template(_ name: String, _ stack: [Any]) {
        walked.insert(name)
        guard let tags = templates[name] else {
            missing.insert("template \(name)")
            return
        }
        walk(tags[...], stack)
    }

    private mutating func walk(_ tags: ArraySlice<Tag>, _ stack: [Any]) {
        var rest = tags
        while let tag = rest.popFirst() {
            switch tag.mark {
            case ">", "<": template(tag.name, stack)
            case "#", "^":
                let inside = Self.takeSection(tag.name, &rest)
                let value = find(tag.name, stack)
                walk(inside, tag.mark == "#" ? stack + Self.pushed(value) : stack)
            case nil: _ = find(tag.name, stack)
            default: break
            }
        }
    }

    /// Takes a section's content and its end off the rest.
    private static func takeSection(_ name: String, _ rest: inout ArraySlice<Tag>) -> ArraySlice<Tag> {
        let section = rest
        var depth = 1
        while let tag = rest.popFirst() {
            guard tag.name == name else { continue }
            if tag.mark == "#" || tag.mark == "^" { depth += 1 }
            if tag.mark == "/" { depth -= 1 }
            if depth == 0 { return section[..<(rest.startIndex - 1)] }
        }
        return []
    }

    /// What a section looks its names up in: for a list, one of its items.
    private static func pushed(_ value: Any?) -> [Any] {
        switch value {
        case let list as [Any]: list.first.map { [$0] } ?? []
        case nil, is Bool: []
        case let value?: [value]
        }
    }

    private mutating func find(_ name: String, _ stack: [Any]) -> Any? {
        if name == "." { return stack.last }
        var names = name.split(separator: ".").map { String($0) }[...]
        guard let first = names.popFirst() else { return nil }
        // Errors and typed values are keyed by the form's field names.
        if ["values", "fieldErrors"].contains(first), let field = names.first {
            fields.insert(field)
            names = []
        }
        let owner = stack.reversed().compactMap { $0 as? any MustacheParent }.first { $0.child(named: first) != nil }
        var found = owner?.child(named: first)
        if let owner { use(first, of: owner) }
        for next in names {
            if let parent = found as? any MustacheParent { use(next, of: parent) }
            found = (found as? any MustacheParent)?.child(named: next)
        }
        if found == nil { missing.insert(name) }
        return found
    }

    /// Records whose member it is: the owner's, or that of a part that it delegates to.
    private mutating func use(_ name: String, of owner: any MustacheParent) {
        let type = "\(type(of: owner))"
        if types[type]?.members.contains(name) == true {
            used[type, default: []].insert(name)
            return
        }
        for part in Mirror(reflecting: owner).children {
            if let part = part.value as? any TemplateModel, part.child(named: name) != nil { use(name, of: part) }
        }
    }
}
