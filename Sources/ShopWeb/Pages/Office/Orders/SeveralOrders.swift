import Shop
import Web

/// The orders that an address names as `select`, each once.
struct ChosenOrders {
    static let field = "select"

    let ids: [OrderID]

    /// Throws `ValidationError` for what is no number, and for more than can be chosen at once.
    init(_ fields: FormFields) throws {
        let typed = fields.fields.filter { $0.name == Self.field }
            .flatMap { ($0.value ?? "?").split(separator: " ").map { Int64($0) } }
        var ids: [OrderID] = []
        for number in typed {
            guard let number, OrderID.range.contains(number) else {
                throw ValidationError(Self.field, .type("integer"))
            }
            if !ids.contains(OrderID(number)) { ids.append(OrderID(number)) }
            let most = OrderAdministration.mostTogether
            guard ids.count <= most else { throw ValidationError(Self.field, .more(most)) }
        }
        self.ids = ids
    }
}

/// The orders of a confirmed form, each with how many refunds its page has shown it with.
struct ShownOrders {
    let orders: [(id: OrderID, seen: Int?)]

    static func marks(_ orders: [Order]) -> String {
        orders.map { "\($0.id.value).\($0.refunds)" }.joined(separator: " ")
    }

    /// nil for one that no page has made.
    init?(_ marks: String?) {
        let parts = (marks ?? "").split(separator: " ").map { $0.split(separator: ".").map { Int64($0) } }
        var orders: [(id: OrderID, seen: Int?)] = []
        for part in parts {
            guard part.count == 2, let number = part[0], let refunds = part[1], OrderID.range.contains(number),
                let seen = Int(exactly: refunds), !orders.contains(where: { $0.id.value == number })
            else { return nil }
            orders.append((id: OrderID(number), seen: seen))
        }
        guard (1...OrderAdministration.mostTogether).contains(orders.count) else { return nil }
        self.orders = orders
    }
}

extension RefusedOrders {
    /// What a page says at each order.
    var rowErrors: FormRowErrors {
        FormRowErrors(
            status: .conflict, code: "orders_refused",
            errors: reasons.map { reason in
                (
                    "row-\(reason.order.value)",
                    Phrase(
                        .severalOrderRefused,
                        ["id": .text(String(reason.order.value)), "reason": .word(Problem(reason.error).title)])
                )
            })
    }
}
