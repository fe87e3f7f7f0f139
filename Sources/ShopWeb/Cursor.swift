import Shop
import Web

/// Where the next page of a list begins, as it is handed to a client: a few numbers and a check that names the list, so
/// that a cursor of another list, or one made up, is told apart.
struct Cursor {
    /// What the list is: everything that decides which items come in which order.
    let list: String

    /// Of one that a client hands back, in characters.
    static let longestText = 200

    func text(_ position: Int64...) -> String {
        let numbers = position.map { String($0, radix: 36) }.joined(separator: ".")
        return "\(numbers).\(check(numbers))"
    }

    /// The numbers, when this list gave the cursor out.
    func position(_ text: String, count: Int) -> [Int64]? {
        guard let dot = text.lastIndex(of: "."), text[text.index(after: dot)...] == check(String(text[..<dot])) else {
            return nil
        }
        let numbers = text[..<dot].split(separator: ".").compactMap { Int64($0, radix: 36) }
        return numbers.count == count ? numbers : nil
    }

    /// FNV-1a: against mistakes, not against enemies. Whoever forges one sees nothing that he could not see without.
    private func check(_ numbers: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(list) \(numbers)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 36)
    }
}

extension QueryFields {
    /// The page that a request asks for, in a list that runs by descending id.
    mutating func page<Entity>(of list: Cursor, by _: Entity.Type) -> (before: ID<Entity>?, limit: Int) {
        let limit = limit()
        guard let text = text("cursor", longest: Cursor.longestText) else { return (nil, limit) }
        guard let position = list.position(text, count: 1) else {
            refuse("cursor", .cursor)
            return (nil, limit)
        }
        return (ID(position[0]), limit)
    }

    /// How many items a page has.
    mutating func limit() -> Int { integer("limit", in: 1...100, default: ProductQuery.usualLimit) }
}

extension ListPage {
    /// The cursor to the page behind this one, if there is one.
    func next(_ list: Cursor, _ position: (Item) -> Int64) -> String? {
        hasMore ? items.last.map { list.text(position($0)) } : nil
    }
}

extension JSONWriter {
    /// A page of a list as the API has it.
    mutating func page<Item>(
        _ page: ListPage<Item>, cursor: (Item) -> String, item: (inout JSONWriter, Item) -> Void
    ) {
        object { json in
            json.name("items")
            json.array(page.items, item)
            if page.hasMore, let last = page.items.last {
                json.member("nextCursor", cursor(last))
            } else {
                json.null("nextCursor")
            }
        }
    }
}
