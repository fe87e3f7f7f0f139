import Shop
import Web

/// Products in by files: sending a file, seeing what it would do, doing it.
struct ProductImportPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.productImport) { visit, staff, _ in try visit.productImport(staff, nil) }
        pages.postForStaff(
            .productImport, needing: .changeProducts, takesFile: true, tooLarge: .productFileRefused(.tooLarge)
        ) { visit, staff, _, form in
            let imports = try visit.shop.productImports(by: staff)
            guard let sent = form.file, sent.size > 0 else { throw ValidationError("csv", .missing) }
            let file = try ProductFile(sent)
            let submission: Submission<ProductImport> = try visit.submission("import", form, of: visit.user()) {
                SitePath.checkedImport($0.id).text
            }
            return visit.receipt(
                try imports.check(hash: file.hash, ignored: file.ignored, submission) { try file.forEachRow($0) })
        } refused: { visit, staff, _, refusal in
            try visit.productImport(staff, refusal)
        }
        pages.getForStaff(.checkedImport) { visit, staff, path in
            try visit.checkedImport(path.id(ProductImport.self, else: .importNotFound), staff, nil)
        }
        pages.getFileForStaff(.checkedRowsFile, on: .checkedImport) { visit, staff, path in
            let imports = try visit.shop.productImports(by: staff)
            return try checkedRowsFile(
                visit.request, of: path.id(ProductImport.self, else: .importNotFound), in: imports, visit.words)
        }
        pages.postForStaff(.applyImport, needing: .changeProducts, from: SitePath.checkedImport(ofForm:)) {
            visit, staff, path, form in
            let id = try path.id(ProductImport.self, else: .importNotFound)
            let applied = try visit.shop.productImports(by: staff).apply(id)
            let rows = applied.rows
            let notice: Notice =
                rows.open > 0 ? .importStopped : rows.refused > 0 ? .importAppliedInPart : .importApplied
            return .seeOther(.checkedImport(id), saying: notice, visit.request)
        } refused: { visit, staff, path, refusal in
            try visit.checkedImport(path.id(ProductImport.self, else: .importNotFound), staff, refusal)
        }
    }
}

extension Visit {
    /// So many of the files stand below the form.
    private static let shownImports = 10

    fileprivate func productImport(_ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let last = try shop.productImports(by: staff).list(before: nil, limit: Self.shownImports).items
        let model = ProductImportPage(
            last: last.map { checked in
                ImportRow(
                    href: SitePath.checkedImport(checked.id).text, at: wording.time(checked.at), login: checked.login,
                    rows: wording.number(checked.rows.all), open: wording.number(checked.rows.open),
                    done: wording.number(checked.rows.done), refused: wording.number(checked.rows.refused))
            },
            mostBytes: ProductFileFlaw.mostBytes, most: wording.number(Int64(ProductImport.mostRows)),
            columns: ProductColumn.allCases.filter(\.isRead).map { column in
                ColumnRow(name: column.rawValue, meaning: wording.name("column", column))
            })
        return officePage(model, words(.titleProductImport), in: .products, by: staff, refusal: refusal)
    }

    fileprivate func checkedImport(_ id: ProductImportID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let imports = try shop.productImports(by: staff)
        let input = try CheckedRowInput(request, of: id, usual: ManagedProductListInput.pageLimit)
        let checked = try imports.find(id)
        let rows = try imports.rows(of: id, input.filter, after: input.after, limit: input.limit)
        let counts = checked.rows
        let model = CheckedImportPage(
            login: checked.login, at: wording.time(checked.at),
            ignored: checked.ignored.isEmpty ? nil : checked.ignored.joined(separator: ", "),
            isRepeated: checked.isRepeated,
            filters: CheckedRowFilter.allCases.compactMap { filter in
                let count = filter.count(counts)
                guard filter == .all || count > 0 || filter == input.filter else { return nil }
                return FilterLink(
                    label: wording.name("rows", filter), href: SitePath.checkedImport(id, filter).text,
                    isCurrent: filter == input.filter, count: wording.number(count))
            },
            applyHref: SitePath.applyImport(id).text,
            apply: counts.open == 0 ? nil : words(.importApply, ["count": .number(counts.open)]),
            isBegun: counts.done + counts.refused > 0, done: wording.number(counts.done),
            hasWrong: counts.wrong > 0,
            refused: counts.refused == 0 ? nil : words(.importRefused, ["count": .number(counts.refused)]),
            refusedHref: SitePath.checkedImport(id, .refused).text, rows: rows.items.map(row),
            fileHref: SitePath.checkedRowsFile(id, input.filter).text,
            pages: PageLinks(
                first: input.after == 0 ? nil : .checkedImport(id, input.filter),
                next: input.next(rows).map { .checkedImport(id, input.filter, cursor: $0) }))
        return officePage(model, words(.titleCheckedImport), in: .products, by: staff, refusal: refusal)
    }

    private func row(_ row: CheckedRow) -> CheckedRowModel {
        CheckedRowModel(
            number: wording.number(Int64(row.number)), name: wording.named(row.name), sku: row.sku,
            href: row.product.map { SitePath.managedProduct($0).text },
            badge: row.badge,
            says: row.state.flatMap { $0 == .open ? nil : wording.name("row_state", $0) }
                ?? wording.name("row_kind", row.kind),
            changes: row.changes.filter { !($0.before ?? "").isEmpty || !($0.after ?? "").isEmpty }.map { change in
                ChangeRow(
                    field: wording.name("traced", change.field),
                    before: wording.value(change.before, of: change.field).map(wording.named),
                    after: wording.value(change.after, of: change.field).map(wording.named))
            },
            problems: row.problems.map { $0.text(in: words) })
    }
}

extension CheckedRow {
    /// What its badge looks like.
    fileprivate var badge: String {
        switch (kind, state) {
        case (.wrong, _), (_, .refused): "warn"
        case (_, .done), (.add, _): "good"
        case (.same, _): "off"
        case (.change, _): "plain"
        }
    }
}

extension ProductColumn {
    /// Whether a file says something to the shop by it.
    var isRead: Bool {
        switch self {
        case .picture, .views, .createdAt: false
        default: true
        }
    }
}

extension CheckedRowFilter {
    fileprivate func count(_ rows: ProductImport.RowCounts) -> Int64 {
        switch self {
        case .all: rows.all
        case .add: rows.add
        case .change: rows.change
        case .same: rows.same
        case .wrong: rows.wrong
        case .refused: rows.refused
        }
    }
}
