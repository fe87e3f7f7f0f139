/// One customer, with the newest of everything.
struct CustomerPage: PageModel {
    static let template = PageTemplate.customer

    let id: Int64
    let login: String
    let name: Named
    /// nil for a customer.
    let role: String?
    let since: TimeModel
    /// nil while the account is open.
    let closedAt: TimeModel?
    let balance: String
    let entries: [EntryRow]
    /// All entries; nil if they are all here.
    let entriesHref: String?
    /// The file of the entries; nil where the page of all entries has it, and where there are none.
    let entriesFileHref: String?
    let orders: [CustomerOrderRow]
    /// All orders; nil for who may not see them.
    let ordersHref: String?
    let coupons: [CustomerCouponRow]
    /// All coupons; nil if they are all here.
    let couponsHref: String?
    /// The file of the coupons; nil where the page of all coupons has it, and where there are none.
    let couponsFileHref: String?
    let corrections: [CorrectionRow]
    let sessions: [CustomerSessionRow]
    let actions: CustomerActions

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "role": role
        case "since": since
        case "closedAt": closedAt
        case "balance": balance
        case "entries": entries
        case "hasEntries": !entries.isEmpty
        case "entriesHref": entriesHref
        case "entriesFileHref": entriesFileHref
        case "orders": orders
        case "hasOrders": !orders.isEmpty
        case "ordersHref": ordersHref
        case "coupons": coupons
        case "hasCoupons": !coupons.isEmpty
        case "couponsHref": couponsHref
        case "couponsFileHref": couponsFileHref
        case "corrections": corrections
        case "hasCorrections": !corrections.isEmpty
        case "sessions": sessions
        case "hasSessions": !sessions.isEmpty
        case "actions": actions
        default: nil
        }
    }
}

/// What the reader may do with the account; nil for what they may not.
struct CustomerActions: TemplateModel {
    let correctHref: String?
    let endSessionsHref: String?
    let closeHref: String?
    /// What the staff did to the account.
    let traceHref: String?
    /// The account among the staff's.
    let staffHref: String?

    func child(named name: String) -> Any? {
        switch name {
        case "correctHref": correctHref
        case "endSessionsHref": endSessionsHref
        case "closeHref": closeHref
        case "traceHref": traceHref
        case "staffHref": staffHref
        default: nil
        }
    }
}

/// One of a customer's orders.
struct CustomerOrderRow: TemplateModel {
    let id: Int64
    /// nil for who may not see it.
    let href: String?
    let summary: Named
    let status: String
    let statusText: String
    let createdAt: TimeModel
    let final: String

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "summary": summary.text
        case "summaryLang": summary.lang
        case "status": status
        case "statusText": statusText
        case "createdAt": createdAt
        case "final": final
        default: nil
        }
    }
}

/// One of a customer's coupons.
struct CustomerCouponRow: TemplateModel {
    let id: Int64
    /// The coupon that it is one of; nil for who may not see it.
    let href: String?
    let name: Named
    let discount: String
    let statusText: String
    let expiresAt: TimeModel

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "discount": discount
        case "statusText": statusText
        case "expiresAt": expiresAt
        default: nil
        }
    }
}

/// A session, as the staff see it.
struct CustomerSessionRow: TemplateModel {
    let startedAt: TimeModel
    let lastUsedAt: TimeModel
    let from: String

    func child(named name: String) -> Any? {
        switch name {
        case "startedAt": startedAt
        case "lastUsedAt": lastUsedAt
        case "from": from
        default: nil
        }
    }
}

/// A correction of a balance.
struct CorrectionRow: TemplateModel {
    let id: Int64
    /// Where it is decided; nil if there is nothing to decide, or not by the reader.
    let href: String?
    let amount: String
    let reason: String
    let status: String
    let isWaiting: Bool
    let askedBy: String
    let askedAt: TimeModel
    /// nil if nobody decided it.
    let decidedBy: String?
    /// Whose balance it is.
    let customer: String
    let customerHref: String
    /// Until when it waits; nil if it needed nobody.
    let endsAt: TimeModel?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "amount": amount
        case "reason": reason
        case "status": status
        case "isWaiting": isWaiting
        case "askedBy": askedBy
        case "askedAt": askedAt
        case "decidedBy": decidedBy
        case "customer": customer
        case "customerHref": customerHref
        case "endsAt": endsAt
        default: nil
        }
    }
}

/// All entries of a customer's balance.
struct CustomerEntriesPage: PageModel {
    static let template = PageTemplate.customerEntries

    let login: String
    let customerHref: String
    let balance: String
    let entries: [EntryRow]
    /// All of them.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "customerHref": customerHref
        case "balance": balance
        case "entries": entries
        case "hasEntries": !entries.isEmpty
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}

/// All coupons that a customer has taken.
struct CustomerCouponsPage: PageModel {
    static let template = PageTemplate.customerCoupons

    let login: String
    let customerHref: String
    let coupons: [CustomerCouponRow]
    /// All of them.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "customerHref": customerHref
        case "coupons": coupons
        case "hasCoupons": !coupons.isEmpty
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}
