import HTTPTypes
import Shop
import Web

/// Products in by files: what a file would do, and doing it.
struct ProductImportsAPI: Sendable {
    static let pattern = "/admin/products/imports"

    let shop: Shop
    let access: Access
    let downloads: Downloads
    /// Says in the caller's language what is wrong with a row.
    let storefront: Storefront

    func addRoutes(to api: inout RouterGroup) {
        api.on(.post, Self.pattern) { request, _ in
            let imports = try shop.productImports(by: access.staff(request).staff)
            let type = request.fields.first(.contentType)?.prefix { $0 != ";" }.lowercased()
            guard type == "text/csv" else { throw RequestError.unsupportedMediaType }
            let file = try ProductFile(productFile(request))
            let checked = try imports.check(hash: file.hash, ignored: file.ignored) { try file.forEachRow($0) }
            return .json(.created) { $0.value(checked) }
        }
        api.on(.get, Self.pattern) { request, _ in
            let imports = try shop.productImports(by: access.staff(request).staff)
            let list = Cursor(list: "imports")
            var fields = try QueryFields(request)
            let page = fields.page(of: list, by: ProductImport.self)
            try fields.finish()
            let found = try imports.list(before: page.before, limit: page.limit)
            return .json { json in
                json.page(found, next: found.next(list) { $0.id.value }) { $0.value($1) }
            }
        }
        api.on(.get, Self.pattern + "/:id") { request, path in
            let imports = try shop.productImports(by: access.staff(request).staff)
            let found = try imports.find(path.id(ProductImport.self, else: .importNotFound))
            return .json { $0.value(found) }
        }
        api.on(.get, Self.pattern + "/:id/rows") { request, path in
            let imports = try shop.productImports(by: access.staff(request).staff)
            let id = try path.id(ProductImport.self, else: .importNotFound)
            let input = try CheckedRowInput(request, of: id)
            let rows = try imports.rows(of: id, input.filter, after: input.after, limit: input.limit)
            let words = words(request)
            return .json { json in
                json.page(rows, next: input.next(rows)) { $0.value($1, words) }
            }
        }
        api.on(.get, Self.pattern + "/:id/rows.csv") { request, path in
            let imports = try shop.productImports(by: access.staff(request).staff)
            let id = try path.id(ProductImport.self, else: .importNotFound)
            return try checkedRowsFile(request, of: id, in: imports, words(request)).response(downloads)
        }
        api.on(.post, Self.pattern + "/:id/apply") { request, path in
            let imports = try shop.productImports(by: access.staff(request).staff)
            let applied = try imports.apply(path.id(ProductImport.self, else: .importNotFound))
            return .json { $0.value(applied) }
        }
    }

    private func words(_ request: Request) -> Words {
        storefront.words(Language(acceptLanguage: request.fields[.acceptLanguage]))
    }

    private func productFile(_ request: Request) throws -> UploadedFile {
        do {
            return try UploadedFile(request)
        } catch RequestError.payloadTooLarge {
            throw ShopError.productFileRefused(.tooLarge)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ checked: ProductImport) {
        object { json in
            json.member("id", checked.id)
            json.member("login", checked.login)
            json.member("at", checked.at)
            json.name("ignoredColumns")
            json.array(checked.ignored) { $0.value($1) }
            json.member("repeated", checked.isRepeated)
            json.member("add", checked.rows.add)
            json.member("change", checked.rows.change)
            json.member("same", checked.rows.same)
            json.member("wrong", checked.rows.wrong)
            json.member("open", checked.rows.open)
            json.member("done", checked.rows.done)
            json.member("refused", checked.rows.refused)
        }
    }

    fileprivate mutating func value(_ row: CheckedRow, _ words: Words) {
        object { json in
            json.member("row", Int64(row.number))
            json.member("kind", row.kind.rawValue)
            json.optional("state", row.state?.rawValue)
            json.member("productId", row.product)
            json.member("sku", row.sku)
            json.member("name", row.name)
            json.name("changes")
            json.array(row.changes) { json, change in
                json.object { json in
                    json.member("field", change.field.rawValue)
                    json.optional("before", change.before)
                    json.optional("after", change.after)
                }
            }
            json.name("problems")
            json.array(row.problems) { json, problem in
                json.object { json in
                    json.optional("column", problem.column?.rawValue)
                    json.member("kind", problem.kind.rawValue)
                    json.member("message", words(problem.phrase))
                }
            }
        }
    }
}
