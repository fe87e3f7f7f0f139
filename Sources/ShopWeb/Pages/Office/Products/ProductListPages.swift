import Shop
import Web

extension ManagedProductPages {
    /// The list, to read and to edit.
    func addList(to pages: inout PageRoutes) {
        pages.getForStaff(.managedProducts) { visit, staff, _ in
            let input = try ManagedProductListInput(visit.request, isForPeople: true)
            let page = try visit.shop.managedProducts(for: staff).list(input.query)
            let isEditing = try FormFields(visit.request.query).fields.contains { $0.name == SitePath.edit }
            if isEditing { _ = try visit.shop.productAdministration(by: staff) }
            return try visit.productList(input, page, staff, isEditing: isEditing)
        }
        pages.getFileForStaff(.productsFile) { visit, staff in
            try productsFile(visit.request, of: visit.shop.managedProducts(for: staff))
        }
        pages.postForStaff(.productRows, needing: .changeProducts, from: { _ in .managedProducts() }) {
            visit, staff, _, form in
            let products = try visit.shop.productAdministration(by: staff)
            let changes = try visit.wantedRows(&form)
            let list = try ManagedProductListInput(typed: form.values)
            let path = SitePath.managedProducts(list.query, typed: list.text, cursor: form["cursor"]).text
            do {
                let submission: Submission<[ManagedProduct]> = try visit.submission("rows", form, of: visit.user()) {
                    _ in path
                }
                return visit.receipt(try products.update(changes, submission), saying: .productsSaved)
            } catch let error as RefusedProducts {
                throw try visit.rowErrors(error, staff)
            }
        } refused: { visit, staff, _, refusal in
            _ = try visit.shop.productAdministration(by: staff)
            let input = try ManagedProductListInput(typed: refusal.values)
            let rows = ProductRowForm.all(refusal.values["rows"])
            let found = try visit.shop.managedProducts(for: staff).find(rows.map(\.id))
            return try visit.productList(
                input, FoundManagedProducts(items: found, next: nil), staff, isEditing: true, refusal)
        }
    }
}

extension ManagedProductListInput {
    /// The list that a form says it belongs to.
    init(typed values: [String: String]) throws {
        var fields = QueryFields(FormFields(values.filter { ["q", "filter", "sort"].contains($0.key) }))
        self.init(&fields, isForPeople: true)
        try fields.finish()
    }
}

extension Visit {
    /// What the rows of a form ask to change.
    fileprivate func wantedRows(_ form: inout Form) throws -> [(id: ProductID, change: ProductChange)] {
        let rows = ProductRowForm.all(form["rows"])
        let takesStock = rows.contains { form[$0.change].map { !$0.allSatisfy(\.isWhitespace) } ?? false }
        let reason = takesStock ? form.reason("reason") : .correction
        var changes: [(id: ProductID, change: ProductChange)] = []
        for row in rows {
            if let change = row.wanted(&form, because: reason) { changes.append((id: row.id, change: change)) }
        }
        try form.finish()
        guard !changes.isEmpty else {
            throw FormError(.unprocessableContent, "validation_failed", .errorNothingChanged)
        }
        return changes
    }

    /// Each row's refusal, at its row.
    fileprivate func rowErrors(_ error: RefusedProducts, _ staff: Staff) throws -> FormRowErrors {
        let ids = error.refused.keys.sorted()
        let now = try shop.managedProducts(for: staff).find(ids)
        return FormRowErrors(
            status: .conflict, code: "products_refused",
            errors: now.map { product in
                let row = ProductRowForm(id: product.id)
                let name = Phrase.Value.text(product.name)
                switch error.refused[product.id] {
                case .outOfStock?:
                    return (row.change, Phrase(.rowStockShort, ["name": name, "stock": .number(product.stock)]))
                case .stockAboveLimit(let most)?:
                    return (row.change, Phrase(.rowStockAbove, ["name": name, "most": .number(most)]))
                default:
                    let state = Phrase.Value.word(product.isListed ? .productIsListed : .productIsUnlisted)
                    return (row.row, Phrase(.rowChanged, ["name": name, "price": .won(product.price), "state": state]))
                }
            })
    }

    fileprivate func productList(
        _ input: ManagedProductListInput, _ page: FoundManagedProducts, _ staff: Staff, isEditing: Bool,
        _ refusal: FormRefusal? = nil
    ) throws -> Response {
        let query = input.query
        let mayChange = staff.may(.changeProducts)
        let cursor = refusal == nil ? query.after.map(query.cursor) : refusal?.values["cursor"]
        let list = ProductListFields(
            text: input.text, filter: query.filter == .all ? nil : query.filter.word,
            sort: query.order == .newest ? nil : query.order.word, cursor: cursor)
        let model = ProductListPage(
            query: list, filters: try filters(input, staff),
            sorts: ManagedProductQuery.Order.allCases.map { order in
                SortLink(
                    label: words(order.label),
                    href: SitePath.managedProducts(
                        ManagedProductQuery(filter: query.filter, order: order), typed: input.text
                    ).text,
                    isCurrent: order == query.order)
            },
            isSearch: !query.words.isEmpty,
            isDone: query.words.isEmpty && query.filter.work != nil,
            rows: page.items.map { row($0, isEditing: isEditing, refusal) }, canChange: mayChange,
            several: mayChange && !isEditing ? severalFields() : nil,
            editing: isEditing
                ? ProductListEditing(
                    numbers: page.items.map { String($0.id.value) }.joined(separator: " "),
                    reasons: reasons(chosen: refusal?.values["reason"]),
                    readHref: SitePath.managedProducts(query, typed: input.text, cursor: cursor).text) : nil,
            editHref: SitePath.managedProducts(query, typed: input.text, cursor: cursor, isEditing: true).text,
            fileHref: SitePath.productsFile(query, typed: input.text).text,
            pages: PageLinks(
                first: query.after == nil
                    ? nil : .managedProducts(query, typed: input.text, isEditing: isEditing),
                next: page.next.map {
                    .managedProducts(query, typed: input.text, cursor: query.cursor($0), isEditing: isEditing)
                }))
        return officePage(model, words(.titleManagedProducts), in: .products, by: staff, refusal: refusal)
    }

    private func filters(_ input: ManagedProductListInput, _ staff: Staff) throws -> [FilterLink] {
        let work = try shop.managedProducts(for: staff).work()
        return ManagedProductQuery.Filter.allCases.map { filter in
            let count = filter.work.flatMap { work[$0] } ?? 0
            let most = ManagedProducts.mostTogether
            return FilterLink(
                label: words(filter.label),
                href: SitePath.managedProducts(
                    ManagedProductQuery(filter: filter, order: input.query.order), typed: input.text
                ).text,
                isCurrent: filter == input.query.filter,
                count: count == 0 ? nil : wording.number(Int64(min(count, most))) + (count > most ? "+" : ""))
        }
    }

    private func row(_ product: ManagedProduct, isEditing: Bool, _ refusal: FormRefusal?) -> ProductListRow {
        guard isEditing else { return ProductListRow(product: summary(product), fields: nil) }
        let row = ProductRowForm(id: product.id)
        let typed = refusal?.values[row.markName] == nil ? nil : refusal?.values
        let wrong = refusal?.errors.fieldErrors ?? [:]
        let fields = ProductRowFields(
            priceName: row.price, price: typed?[row.price] ?? wording.number(product.price.amount),
            priceError: wrong[row.price], changeName: row.change, change: typed?[row.change] ?? "",
            changeError: wrong[row.change], listedName: row.listed,
            isListed: typed.map { $0[row.listed] != nil } ?? product.isListed, rowName: row.row,
            rowError: wrong[row.row], markName: row.markName,
            // Whoever is told what a product says now may overwrite it; nobody else.
            mark: wrong[row.row] == nil
                ? typed?[row.markName] ?? ProductRowForm.mark(product) : ProductRowForm.mark(product))
        return ProductListRow(product: summary(product), fields: fields)
    }
}

extension ManagedProductQuery.Filter {
    fileprivate var label: WordKey {
        switch self {
        case .all: .filterAll
        case .listed: .filterListed
        case .unlisted: .filterUnlisted
        case .soldOut: .filterSoldOut
        case .low: .filterLow
        case .withoutPicture: .filterWithoutPicture
        }
    }
}

extension ManagedProductQuery.Order {
    fileprivate var label: WordKey {
        switch self {
        case .newest: .sortNewest
        case .name: .sortName
        case .cheapestFirst: .sortCheapest
        case .dearestFirst: .sortDearest
        }
    }
}
