/// The page that takes a file of products.
struct ProductImportPage: PageModel {
    static let template = PageTemplate.productImport

    /// The files that were given in last.
    let last: [ImportRow]
    let mostBytes: Int
    /// How many rows it may have.
    let most: String
    let columns: [ColumnRow]
    func child(named name: String) -> Any? {
        switch name {
        case "imports": last
        case "hasImports": !last.isEmpty
        case "mostBytes": mostBytes
        case "most": most
        case "columns": columns
        default: nil
        }
    }
}

/// A file that was given in.
struct ImportRow: TemplateModel {
    let href: String
    let at: TimeModel
    let login: String
    let rows: String
    let open: String
    let done: String
    let refused: String

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "at": at
        case "login": login
        case "rows": rows
        case "open": open
        case "done": done
        case "refused": refused
        default: nil
        }
    }
}

/// A column of a file, explained.
struct ColumnRow: TemplateModel {
    let name: String
    let meaning: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "meaning": meaning
        default: nil
        }
    }
}

/// What a file would do, row by row, or has done.
struct CheckedImportPage: PageModel {
    static let template = PageTemplate.checkedImport

    let login: String
    let at: TimeModel
    /// The columns that are not read; nil for none.
    let ignored: String?
    let isRepeated: Bool
    let filters: [FilterLink]
    let applyHref: String
    /// What the button says; nil if there is nothing to apply.
    let apply: String?
    let isBegun: Bool
    let done: String
    let hasWrong: Bool
    /// How many rows were refused as they were applied; nil for none.
    let refused: String?
    let refusedHref: String
    let rows: [CheckedRowModel]
    /// All of them.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "at": at
        case "ignored": ignored
        case "isRepeated": isRepeated
        case "filters": filters
        case "applyHref": applyHref
        case "apply": apply
        case "isBegun": isBegun
        case "done": done
        case "hasWrong": hasWrong
        case "refused": refused
        case "refusedHref": refusedHref
        case "rows": rows
        case "hasRows": !rows.isEmpty
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}

/// A row of the file.
struct CheckedRowModel: TemplateModel {
    let number: String
    let name: Named
    let sku: String
    /// The product's page; nil if there is none yet.
    let href: String?
    /// What its badge looks like.
    let badge: String
    let says: String
    let changes: [ChangeRow]
    let problems: [String]

    func child(named name: String) -> Any? {
        switch name {
        case "number": number
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "hasSKU": !sku.isEmpty
        case "sku": sku
        case "href": href
        case "badge": badge
        case "says": says
        case "changes": changes
        case "hasChanges": !changes.isEmpty
        case "problems": problems
        default: nil
        }
    }
}
