import Shop
import Web

/// The rows of a checked file of products, as a file: those that a request asks for, with what each would do, or what is
/// wrong with it in these words. Throws `importNotFound`.
func checkedRowsFile(
    _ request: Request, of id: ProductImportID, in imports: ProductImports, _ words: Words
) throws -> ListFile<CheckedRow, Int> {
    var fields = try QueryFields(request)
    let filter = fields.choice("filter", default: CheckedRowFilter.all, word: \.rawValue)
    try fields.finish()
    return ListFile(
        name: "import-\(id.value)-rows",
        columns: ["row", "kind", "state", "product_id", "sku", "name", "changes", "problems"]
    ) { after, limit in
        ListPart(try imports.rows(of: id, filter, after: after ?? 0, limit: limit)) { $0.number }
    } row: { csv, row in
        csv.number(Int64(row.number))
        csv.text(row.kind.rawValue)
        csv.text(row.state?.rawValue)
        csv.number(row.product?.value)
        csv.text(row.sku)
        csv.text(row.name)
        csv.text(
            row.changes.map { "\($0.field.rawValue): \($0.before ?? "") → \($0.after ?? "")" }
                .joined(separator: "\n"))
        csv.text(row.problems.map { $0.text(in: words) }.joined(separator: "\n"))
        csv.endRow()
    }
}
