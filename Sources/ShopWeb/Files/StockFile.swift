import Shop
import Web

/// A product's stock ledger as a file, the newest movement first. Throws `productNotFound`.
func stockFile(of id: ProductID, in ledger: StockLedger) -> ListFile<StockMovement, StockMovementID> {
    ListFile(
        name: "product-\(id.value)-stock", columns: ["id", "at", "reason", "change", "stock", "login"]
    ) { before, limit in
        ListPart(try ledger.list(of: id, before: before, limit: limit)) { $0.id }
    } row: { csv, movement in
        csv.number(movement.id.value)
        csv.text(DateTime.text(movement.at))
        csv.text(movement.reason.rawValue)
        csv.number(movement.change)
        csv.number(movement.stock)
        csv.text(movement.login)
        csv.endRow()
    }
}
