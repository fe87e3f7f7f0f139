/// The customer's orders.
struct OrdersPage: PageModel {
    static let template = PageTemplate.orders

    let orders: [OrderRow]
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "orders": orders
        case "hasOrders": !orders.isEmpty
        default: pages.child(named: name)
        }
    }
}

/// An order in a list.
struct OrderRow: TemplateModel {
    let id: Int64
    let href: String
    let payHref: String
    let summary: String
    let status: String
    let statusText: String
    let isPending: Bool
    let createdAt: TimeModel
    let final: String

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "payHref": payHref
        case "summary": summary
        case "status": status
        case "statusText": statusText
        case "isPending": isPending
        case "createdAt": createdAt
        case "final": final
        default: nil
        }
    }
}
