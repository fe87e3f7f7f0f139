import SQLite
import Shop

struct SQLOrderEvents: OrderEventRepository {
    let sql: Connection

    func add(_ kind: OrderEvent.Kind, by actor: OrderEvent.Actor, to order: OrderID, at time: Timestamp) throws {
        try sql.run(
            """
            INSERT INTO order_events (order_id, id, kind, actor, login, amount, note, at)
            VALUES (?1, 1 + (SELECT coalesce(max(id), 1) FROM order_events WHERE order_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7)
            """, order.value, kind.word, actor.word, actor.login, kind.amount?.amount, kind.note, time.milliseconds)
    }

    func newest(of order: OrderID, limit: Int) throws -> [OrderEvent] {
        try sql.all(
            "SELECT \(OrderEvent.Column.self) FROM order_events WHERE order_id = ? ORDER BY id DESC LIMIT ?",
            order.value, limit, read: OrderEvent.init
        ).reversed()
    }
}

extension OrderEvent {
    fileprivate enum Column: Int32, ColumnList {
        case id, kind, actor, login, amount, note, at
        var table: String { "order_events" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        let kind: Kind =
            switch row.text(Column.kind) {
            case "paid": .paid(row.won(Column.amount))
            case "cancelled": .cancelled
            case "expired": .expired
            case "refunded": .refunded(row.won(Column.amount))
            case "note": .note(row.text(Column.note))
            case let word: throw MissingRowError("kind of event called \(word)")
            }
        let actor: Actor =
            switch row.text(Column.actor) {
            case "customer": .customer
            case "shop": .shop
            case "staff": .staff(row.optionalText(Column.login))
            case let word: throw MissingRowError("actor called \(word)")
            }
        self.init(id: row.id(Column.id), kind: kind, actor: actor, at: row.optionalTime(Column.at))
    }
}
