import Shop

/// What a cached page leaves blank, to be filled in for each request.
enum Blank: UInt8, CaseIterable {
    /// The shop's time, which the page's countdowns go by.
    case now
    case name, balance
    /// As a number, and in words.
    case basketCount, basketItems
    /// What binds the page's forms to the session.
    case formToken
    /// The idempotency key of the page's form.
    case key

    /// Unknown outside the process, so that no text of anybody's can be taken for a blank.
    fileprivate static let mark = Token.random().text

    /// The placeholder for it while the page is made.
    var text: String { Self.mark + String(rawValue) }
}

/// What every page shows of the customer it is for and of nobody else; for a visitor, the basket's contents.
struct Personal: Sendable {
    /// One per blank, in order.
    private let texts: [String]
    let hasBasket: Bool
    let isCustomer: Bool

    init(_ customer: Customer, _ token: Token, _ wording: Wording) {
        texts = Blank.allCases.map { blank in
            switch blank {
            case .now: ""
            case .name: customer.user.name
            case .balance: wording.won(customer.balance)
            case .basketCount: wording.number(Int64(customer.basketCount))
            case .basketItems: wording.items(customer.basketCount)
            case .formToken: token.formToken()
            case .key: Token.random().text
            }
        }
        hasBasket = customer.basketCount > 0
        isCustomer = true
    }

    /// For a visitor with this many different products in the basket; nil if there are none.
    init?(visitorWith basketCount: Int, _ wording: Wording) {
        guard basketCount > 0 else { return nil }
        texts = Blank.allCases.map { blank in
            switch blank {
            case .basketCount: wording.number(Int64(basketCount))
            case .basketItems: wording.items(basketCount)
            default: ""
            }
        }
        (hasBasket, isCustomer) = (true, false)
    }

    /// With the blanks left open; nil for visitors with nothing in their baskets.
    init?(blankOf readers: Readers) {
        texts = Blank.allCases.map(\.text)
        switch readers {
        case .visitors(false): return nil
        case .visitors(true): (hasBasket, isCustomer) = (true, false)
        case .customers(let hasBasket, _): (self.hasBasket, isCustomer) = (hasBasket, true)
        }
    }

    subscript(blank: Blank) -> String { texts[Int(blank.rawValue)] }
}

/// A page split at its blanks.
struct Blanks: Sendable {
    private let beginning: [UInt8]
    private let rest: [(blank: Blank, text: [UInt8])]
    /// About how large the page will be.
    private let size: Int

    init(_ page: [UInt8]) {
        let mark = Array(Blank.mark.utf8)
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
            return number.flatMap { Blank(rawValue: $0) }.map { ($0, Array(piece.dropFirst())) }
        }
        size = page.count + 256
    }

    /// The page with its blanks filled in for one request. What is filled in is not scanned again.
    ///
    /// - Parameter personal: nil for a visitor, whose page has no blank but the time.
    func filled(_ personal: Personal?, at now: Timestamp) -> [UInt8] {
        let html = StrictHTML()
        var page: [UInt8] = []
        page.reserveCapacity(size)
        page += beginning
        for (blank, text) in rest {
            page += (blank == .now ? DateTime.text(now) : html.escapeText(personal?[blank] ?? "")).utf8
            page += text
        }
        return page
    }
}
