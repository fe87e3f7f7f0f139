import Testing

@testable import Web

struct QueryFieldsTests {
    private enum Order: String, CaseIterable {
        case newest
        case price
    }

    private func query(_ text: String) throws -> QueryFields {
        try QueryFields(Request(method: .get, target: "/x?\(text)"))
    }

    /// What is wrong with the query once `read` has asked for its fields.
    private func issues(_ text: String, _ read: (inout QueryFields) -> Void) throws -> [FieldError] {
        var fields = try query(text)
        read(&fields)
        do {
            try fields.finish()
            return []
        } catch let error as ValidationError {
            return error.errors
        }
    }

    @Test func `an unknown field is ignored`() throws {
        let found = try issues("utm_source=x&q=1") { #expect($0.text("q", longest: 5) == "1") }
        #expect(found == [])
    }

    @Test func `a missing field has its default`() throws {
        let found = try issues("") { fields in
            #expect(fields.text("q", longest: 5) == nil)
            #expect(fields.integer("limit", in: 1...100, default: 20) == 20)
            #expect(fields.choice("sort", default: Order.newest, word: \.rawValue) == .newest)
        }
        #expect(found == [])
    }

    @Test func `a known field may occur only once`() throws {
        #expect(try issues("q=1&q=1") { _ = $0.text("q", longest: 5) } == [FieldError("q", .repeated)])
    }

    @Test func `text is bounded in characters, and has no NUL`() throws {
        let found = try issues("q=%EA%B0%80%EB%82%98") { #expect($0.text("q", longest: 2) == "가나") }
        #expect(found == [])
        #expect(try issues("q=abc") { _ = $0.text("q", longest: 2) } == [FieldError("q", .longer(2))])
        #expect(try issues("q=a%00") { _ = $0.text("q", longest: 5) } == [FieldError("q", .characters)])
    }

    @Test func `a malformed value is reported at its field`() throws {
        #expect(try issues("q=%ff") { _ = $0.text("q", longest: 5) } == [FieldError("q", .encoding)])
        #expect(try issues("q=%f") { _ = $0.text("q", longest: 5) } == [FieldError("q", .encoding)])
    }

    @Test(arguments: ["1", "100", "+5", "007"])
    func `whole numbers within the range are accepted`(_ text: String) throws {
        let found = try issues("limit=\(text.replacing("+", with: "%2B"))") {
            #expect($0.integer("limit", in: 1...100, default: 20) == Int(text))
        }
        #expect(found == [])
    }

    @Test(arguments: [
        ("0", FieldError.Issue.below(1)), ("-1", .below(1)), ("101", .above(100)), ("", .type("integer")),
        ("1.0", .type("integer")), ("1e2", .type("integer")), ("ten", .type("integer")), ("%20", .type("integer")),
        ("9223372036854775808", .type("integer")), ("1%2000", .type("integer")), ("%EF%BC%91", .type("integer")),
    ])
    func `any other number is refused`(_ text: String, _ issue: FieldError.Issue) throws {
        let found = try issues("limit=\(text)") { _ = $0.integer("limit", in: 1...100, default: 20) }
        #expect(found == [FieldError("limit", issue)])
    }

    @Test func `one of the allowed words is accepted, any other is told what they are`() throws {
        let right = try issues("sort=price") {
            #expect($0.choice("sort", default: Order.newest, word: \.rawValue) == .price)
        }
        #expect(right == [])
        for text in ["Price", "", "-price", "newest%20"] {
            let found = try issues("sort=\(text)") { _ = $0.choice("sort", default: Order.newest, word: \.rawValue) }
            #expect(found == [FieldError("sort", .choice(["newest", "price"]))])
        }
    }

    @Test func `all mistakes are reported at once`() throws {
        let found = try issues("limit=0&sort=x&q=%ff") { fields in
            _ = fields.text("q", longest: 5)
            _ = fields.integer("limit", in: 1...100, default: 20)
            _ = fields.choice("sort", default: Order.newest, word: \.rawValue)
            fields.refuse("cursor", .cursor)
        }
        #expect(found.map(\.field) == ["q", "limit", "sort", "cursor"])
    }

    @Test func `a malformed name makes the query malformed`() {
        #expect(throws: RequestError.self) { try query("%ff=1") }
    }
}
