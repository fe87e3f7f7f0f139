import Shop

/// What every page shows of the customer that it is for, and of nobody else.
struct Personal: Sendable {
    enum Field: UInt8, CaseIterable {
        case login, name, balance, basketCount
        /// What binds the page's forms to the session.
        case formToken
        /// The idempotency key of the page's form.
        case key
    }

    /// One for each field, in their order.
    private let texts: [String]
    let hasBasket: Bool

    init(_ customer: Customer, _ token: Token, _ wording: Wording) {
        texts = Field.allCases.map { field in
            switch field {
            case .login: customer.user.login
            case .name: customer.user.name
            case .balance: wording.won(customer.balance)
            case .basketCount: wording.number(Int64(customer.basketCount))
            case .formToken: token.formToken
            case .key: Token.random().text
            }
        }
        hasBasket = customer.basketCount > 0
    }

    /// Of no customer in particular: a blank in the place of each text, for `KeptPages` to fill in.
    init(blankWithBasket hasBasket: Bool) {
        texts = Field.allCases.map { Blanks.blank($0) }
        self.hasBasket = hasBasket
    }

    subscript(field: Field) -> String { texts[Int(field.rawValue)] }
}

/// A page taken apart at the blanks of `Personal`.
struct Blanks: Sendable {
    /// Nobody outside the process knows it, so that nobody's text can be taken for a blank.
    private static let mark = Token.random().text

    static func blank(_ field: Personal.Field) -> String { mark + String(field.rawValue) }

    private let beginning: [UInt8]
    private let rest: [(field: Personal.Field, text: [UInt8])]

    init(_ page: [UInt8]) {
        let mark = Array(Self.mark.utf8)
        var pieces: [ArraySlice<UInt8>] = []
        var rest = page[...]
        while let found = rest.firstRange(of: mark) {
            pieces.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        pieces.append(rest)
        beginning = Array(pieces[0])
        self.rest = pieces.dropFirst().compactMap { piece in
            let number = piece.first.map { $0 - UInt8(ascii: "0") }
            return number.flatMap { Personal.Field(rawValue: $0) }.map { ($0, Array(piece.dropFirst())) }
        }
    }

    /// The page with what it says of a customer.
    func filled(_ personal: Personal) -> [UInt8] {
        guard !rest.isEmpty else { return beginning }
        let html = StrictHTML()
        let values = Personal.Field.allCases.map { Array(html.escapeText(personal[$0]).utf8) }
        var page: [UInt8] = []
        page.reserveCapacity(
            beginning.count + rest.reduce(0) { $0 + $1.text.count + values[Int($1.field.rawValue)].count })
        page += beginning
        for (field, text) in rest {
            page += values[Int(field.rawValue)]
            page += text
        }
        return page
    }
}
