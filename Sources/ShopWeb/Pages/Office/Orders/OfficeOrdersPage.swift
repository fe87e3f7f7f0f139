/// The orders of all customers.
struct OfficeOrdersPage: PageModel {
    static let template = PageTemplate.officeOrders

    let search: String
    let product: String
    let from: String
    let to: String
    /// Whether the days are those on which they were paid.
    let isByPayment: Bool
    let isRefunded: Bool
    let hasCoupon: Bool
    let statuses: [StatusChoice]
    let periods: [PeriodLink]
    /// Whether anything is filtered, and so whether there is a way back to all.
    let isFiltered: Bool
    let rows: [OfficeOrderRow]
    /// What the list is narrowed to, for a form about some of its orders.
    let chosen: [HiddenField]
    let mayRefund: Bool
    let mayNote: Bool
    let totals: OrderTotalsModel
    /// All that was found.
    let fileHref: String
    /// How far back was looked, if the page ended there.
    let lookedBackTo: TimeModel?
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "search": search
        case "product": product
        case "from": from
        case "to": to
        case "isByPayment": isByPayment
        case "isRefunded": isRefunded
        case "hasCoupon": hasCoupon
        case "statuses": statuses
        case "periods": periods
        case "isFiltered": isFiltered
        case "rows": rows
        case "hasRows": !rows.isEmpty
        case "chosen": chosen
        case "mayRefund": mayRefund
        case "mayNote": mayNote
        case "totals": totals
        case "fileHref": fileHref
        case "lookedBackTo": lookedBackTo
        default: pages.child(named: name)
        }
    }
}

/// A state to narrow the list to.
struct StatusChoice: TemplateModel {
    let value: String
    let label: String
    let isChosen: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "value": value
        case "label": label
        case "isChosen": isChosen
        default: nil
        }
    }
}

/// What the orders found add up to.
struct OrderTotalsModel: TemplateModel {
    let count: String
    let paid: String
    let discount: String
    let refunded: String
    let kept: String
    /// Since when, if there are too many to add up.
    let since: TimeModel?

    func child(named name: String) -> Any? {
        switch name {
        case "count": count
        case "paid": paid
        case "discount": discount
        case "refunded": refunded
        case "kept": kept
        case "since": since
        default: nil
        }
    }
}

/// One order of the list.
struct OfficeOrderRow: TemplateModel {
    let id: Int64
    let href: String
    /// As text alone: a page has fifty.
    let createdAt: String
    let login: String
    let summary: Named
    let status: String
    let statusText: String
    let hasCoupon: Bool
    let final: String
    /// nil if nothing was.
    let refunded: String?
    /// Whether it is ticked.
    let isChosen: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "createdAt": createdAt
        case "login": login
        case "summary": summary.text
        case "summaryLang": summary.lang
        case "status": status
        case "statusText": statusText
        case "hasCoupon": hasCoupon
        case "final": final
        case "refunded": refunded
        case "isChosen": isChosen
        default: nil
        }
    }
}
