/// Says what refunding several orders will move, before it does.
struct SeveralRefundsPage: PageModel {
    static let template = PageTemplate.severalRefunds

    let listHref: String
    /// The chosen orders and their list, to be sent along while it is chosen what becomes of the goods.
    let chosen: [HiddenField]
    let returnsToStock: Bool
    /// How many are refunded.
    let says: String
    let sums: SeveralRefundSums
    let rows: [SeveralRefundRow]
    /// See `ShownOrders.marks`.
    let marks: String
    let refused: [RefusedOrderRow]

    func child(named name: String) -> Any? {
        switch name {
        case "listHref": listHref
        case "chosen": chosen
        case "returnsToStock": returnsToStock
        case "says": says
        case "sums": sums
        case "rows": rows
        case "hasRows": !rows.isEmpty
        case "marks": marks
        case "refused": refused
        case "hasRefused": !refused.isEmpty
        default: nil
        }
    }
}

/// What moves in all.
struct SeveralRefundSums: TemplateModel {
    let amount: String
    let pieces: String
    /// How many coupons come back.
    let coupons: String

    func child(named name: String) -> Any? {
        switch name {
        case "amount": amount
        case "pieces": pieces
        case "coupons": coupons
        default: nil
        }
    }
}

/// An order that is refunded.
struct SeveralRefundRow: TemplateModel {
    let id: Int64
    let href: String
    let login: String
    let status: String
    let statusText: String
    let lines: [RefundLineRow]
    let amount: String
    let balance: BalanceMove
    /// What happens with the coupon; nil without one.
    let coupon: String?
    /// Why nothing was refunded.
    let rowError: String?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "login": login
        case "status": status
        case "statusText": statusText
        case "lines": lines
        case "amount": amount
        case "balance": balance
        case "coupon": coupon
        case "rowError": rowError
        default: nil
        }
    }
}

/// An order of which nothing can be refunded.
struct RefusedOrderRow: TemplateModel {
    let id: Int64
    let href: String
    let login: String
    let why: String
    let rowError: String?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "login": login
        case "why": why
        case "rowError": rowError
        default: nil
        }
    }
}

/// Where a note for several orders is written.
struct SeveralNotesPage: PageModel {
    static let template = PageTemplate.severalNotes

    let listHref: String
    let longest: Int
    /// What was typed, if the note was refused.
    let text: String
    let rows: [OfficeOrderRow]
    /// See `ShownOrders.marks`.
    let marks: String
    /// To how many it goes.
    let says: String

    func child(named name: String) -> Any? {
        switch name {
        case "listHref": listHref
        case "longest": longest
        case "text": text
        case "rows": rows
        case "hasRows": !rows.isEmpty
        case "marks": marks
        case "says": says
        default: nil
        }
    }
}
