/// The balance, and the form to charge it.
struct BalancePage: PageModel {
    static let template = PageTemplate.balance

    let balance: String
    let minimum: String
    let maximum: String
    let limit: String
    /// The form's values.
    let values: [String: String]
    let quick: [QuickAmount]
    let next: String?
    /// Whether the order to be paid next is no longer waiting for payment.
    let isOrderOver: Bool
    let entries: [EntryRow]
    /// nil if there is nothing to draw.
    let chart: BalanceChart?
    /// What the charge just made came to.
    let notice: String?
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "balance": balance
        case "minimum": minimum
        case "maximum": maximum
        case "limit": limit
        case "values": values
        case "quick": quick
        case "next": next
        case "isOrderOver": isOrderOver
        case "entries": entries
        case "hasEntries": !entries.isEmpty
        case "chart": chart
        case "notice": notice
        default: pages.child(named: name)
        }
    }
}

/// An amount that one press fills in.
struct QuickAmount: TemplateModel {
    let label: String
    let href: String

    func child(named name: String) -> Any? {
        switch name {
        case "label": label
        case "href": href
        default: nil
        }
    }
}

/// An entry of the balance.
struct EntryRow: TemplateModel {
    let id: Int64
    let kindText: String
    /// Whether it took from the balance.
    let isPayment: Bool
    let amount: String
    /// The balance after it.
    let balance: String
    let at: TimeModel
    /// Whether it is the entry that this page was opened for.
    let isNew: Bool
    let orderHref: String?
    /// Why the staff corrected the balance; nil for other kinds.
    let reason: String?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "kindText": kindText
        case "isPayment": isPayment
        case "amount": amount
        case "balance": balance
        case "at": at
        case "isNew": isNew
        case "orderHref": orderHref
        case "reason": reason
        default: nil
        }
    }
}

/// The balance over time, as points of SVG shapes.
struct BalanceChart: TemplateModel {
    let points: String
    let area: String
    let low: String
    let high: String
    let from: TimeModel
    let label: String

    func child(named name: String) -> Any? {
        switch name {
        case "points": points
        case "area": area
        case "low": low
        case "high": high
        case "from": from
        case "label": label
        default: nil
        }
    }
}
