import Shop
import Web

/// Where a list's next page begins, as handed to a client: a few numbers and a checksum that names the list, so that a
/// cursor of another list, or a made-up one, is recognized.
struct Cursor {
    /// Identifies the list: everything that decides which items come in which order.
    let list: String

    /// The longest that a client may send, in characters.
    static let longestText = 200

    func text(_ position: Int64...) -> String {
        let numbers = position.map { String($0, radix: 36) }.joined(separator: ".")
        return "\(numbers).\(check(numbers))"
    }

    /// The cursor's numbers, if it belongs to this list.
    func position(_ text: String, count: Int) -> [Int64]? {
        guard let dot = text.lastIndex(of: "."), text[text.index(after: dot)...] == check(String(text[..<dot])) else {
            return nil
        }
        let numbers = text[..<dot].split(separator: ".").compactMap { Int64($0, radix: 36) }
        return numbers.count == count ? numbers : nil
    }

    /// A forged cursor shows nothing that was not visible anyway.
    private func check(_ numbers: String) -> String { Checksum.text("\(list) \(numbers)") }
}

extension QueryFields {
    /// The page that a request asks for, in a list by descending id.
    ///
    /// - Parameter usual: how many items a page holds where the request does not say it.
    mutating func page<Entity>(
        of list: Cursor, by _: Entity.Type, usual: Int = ProductQuery.usualLimit
    ) -> (before: ID<Entity>?, limit: Int) {
        let limit = limit(usual: usual)
        guard let text = text("cursor", longest: Cursor.longestText) else { return (nil, limit) }
        guard let position = list.position(text, count: 1) else {
            refuse("cursor", .cursor)
            return (nil, limit)
        }
        return (ID(position[0]), limit)
    }

    /// How many items a page holds.
    mutating func limit(usual: Int = ProductQuery.usualLimit) -> Int {
        integer("limit", in: 1...100, default: usual)
    }
}

extension ListPage {
    /// The cursor of the page after this one, if any.
    func next(_ list: Cursor, _ position: (Item) -> Int64) -> String? {
        hasMore ? items.last.map { list.text(position($0)) } : nil
    }
}

extension JSONWriter {
    /// A page of a list in the API's form.
    mutating func page<Item>(
        _ page: ListPage<Item>, cursor: (Item) -> String, item: (inout JSONWriter, Item) -> Void
    ) {
        self.page(page, next: page.hasMore ? page.items.last.map(cursor) : nil, item: item)
    }

    /// The same, if the cursor to the next page is known.
    mutating func page<Item>(_ page: ListPage<Item>, next: String?, item: (inout JSONWriter, Item) -> Void) {
        object { json in
            json.name("items")
            json.array(page.items, item)
            json.optional("nextCursor", next)
        }
    }
}
