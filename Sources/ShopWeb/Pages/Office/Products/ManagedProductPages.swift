import Shop
import Web

/// The staff's pages of products: the list, each one, a new one, several at once.
struct ManagedProductPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        addList(to: &pages)
        addSeveral(to: &pages)
        pages.getForStaff(.newProduct) { visit, staff, _ in try visit.newProduct(staff) }
        pages.getForStaff(.managedProduct) { visit, staff, path in
            try visit.managedProduct(path.id(Product.self, else: .productNotFound), staff, nil)
        }
        pages.getFileForStaff(.stockFile, on: .managedProduct) { visit, staff, path in
            let ledger = try visit.shop.stockLedger(for: staff)
            return stockFile(of: try path.id(Product.self, else: .productNotFound), in: ledger)
        }
        pages.postForStaff(.managedProducts, needing: .changeProducts, takesFile: true) { visit, staff, _, form in
            let products = try visit.shop.productAdministration(by: staff)
            let edit = ProductEdit(&form)
            let stock = form.integer("stock", in: Product.stockRange)
            let picture = form.firstPicture()
            try form.finish()
            let draft = ProductDraft(
                name: edit.name, description: edit.description, price: edit.price, stock: stock, sku: edit.sku,
                lowStock: edit.lowStock, isListed: edit.isListed)
            let submission: Submission<ManagedProduct> = try visit.submission("product", form, of: visit.user()) {
                SitePath.managedProduct($0.id).text
            }
            guard let picture else {
                return visit.receipt(try products.add(draft, submission), saying: .productAdded)
            }
            let pictures = try visit.shop.pictureAdministration(by: staff)
            let receipt = try pictures.add(draft, with: picture.file, text: picture.text, submission)
            return visit.receipt(receipt, saying: .productAdded)
        } refused: { visit, staff, _, refusal in
            try visit.newProduct(staff, refusal)
        }
        pages.postForStaff(.managedProduct, needing: .changeProducts) { visit, staff, path, form in
            let products = try visit.shop.productAdministration(by: staff)
            let id = try path.id(Product.self, else: .productNotFound)
            let change = try visit.edit(of: id, by: staff, &form)
            let receipt = try products.update(id, change, visit.productSubmission("edit", form, of: id))
            return visit.receipt(receipt, saying: .productSaved)
        } refused: { visit, staff, path, refusal in
            let id = try path.id(Product.self, else: .productNotFound)
            if let typed = refusal.typed, refusal.asksToChoose {
                return try visit.changedProduct(id, typed, staff, refusal)
            }
            return try visit.managedProduct(id, staff, refusal)
        }
        pages.postForStaff(.changeStock, needing: .changeProducts, from: SitePath.managedProduct(ofForm:)) {
            visit, staff, path, form in
            let products = try visit.shop.productAdministration(by: staff)
            let id = try path.id(Product.self, else: .productNotFound)
            let most = Product.stockRange.upperBound
            let count = form.integer("stockChange", in: -most...most)
            let reason = form.reason("reason")
            try form.finish()
            guard count != 0 else { throw ValidationError("stockChange", .missing) }
            do {
                let receipt = try products.update(
                    id, ProductChange(stockChange: StockChange(count, reason)),
                    visit.productSubmission("stock", form, of: id))
                return visit.receipt(receipt, saying: .stockChanged)
            } catch ShopError.outOfStock {
                let stock = try visit.shop.managedProducts(for: staff).find(id).stock
                throw FormRowErrors(
                    status: .conflict, code: "out_of_stock",
                    errors: [("stockChange", Phrase(.errorStockTaken, ["stock": .number(stock)]))])
            }
        } refused: { visit, staff, path, refusal in
            try visit.managedProduct(path.id(Product.self, else: .productNotFound), staff, refusal)
        }
        pages.postForStaff(.productListing, needing: .changeProducts, from: SitePath.managedProduct(ofForm:)) {
            visit, staff, path, form in
            let products = try visit.shop.productAdministration(by: staff)
            let id = try path.id(Product.self, else: .productNotFound)
            let isListed = form["listed"] == "1"
            let receipt = try products.update(
                id, ProductChange(isListed: isListed), visit.productSubmission("listing", form, of: id))
            return visit.receipt(receipt, saying: isListed ? .productListed : .productUnlisted)
        } refused: { visit, staff, path, refusal in
            try visit.managedProduct(path.id(Product.self, else: .productNotFound), staff, refusal)
        }
    }
}

extension Form {
    /// Why the stock is changed.
    mutating func reason(_ name: String) -> StockReason {
        let reason = self[name].flatMap { StockReason(rawValue: $0) }
        guard let reason, StockReason.changes.contains(reason) else {
            refuse(name, .missing)
            return .correction
        }
        return reason
    }
}

extension FormRefusal {
    /// What was typed into the form of a product; nil if it is that of another form, or was not understood.
    fileprivate var typed: ProductEdit? {
        guard values["version"] != nil else { return nil }
        var form = Form(typed: values)
        let edit = ProductEdit(&form)
        do {
            try form.finish()
            return edit
        } catch {
            return nil
        }
    }

    /// Whether somebody has to choose between what was typed and what the product says.
    fileprivate var asksToChoose: Bool { code.description == "product_changed" || values["choosing"] != nil }
}

extension Visit {
    /// The member of the staff who sent a form.
    func user() throws -> UserID { try signedIn().customer.user.id }

    fileprivate func productSubmission(
        _ purpose: String, _ form: Form, of id: ProductID
    ) throws -> Submission<ManagedProduct> {
        try submission(purpose, form, of: user()) { SitePath.managedProduct($0.id).text }
    }

    /// What a product's form, or the choice after it, asks to change.
    fileprivate func edit(of id: ProductID, by staff: Staff, _ form: inout Form) throws -> ProductChange {
        guard let version = form["version"].flatMap({ Int64($0) }), version > 0 else { throw PageError.staleForm }
        let edit = ProductEdit(&form)
        var kept: Set<ProductField> = []
        let now = try shop.managedProducts(for: staff).find(id)
        if form["choosing"] != nil, now.version == version {
            for field in ProductText(typed: edit).differences(from: ProductText(now)) {
                switch form[field.choice] {
                case "now": kept.insert(field)
                case "mine": break
                default: form.refuse(field.choice, .missing)
                }
            }
        }
        try form.finish()
        return edit.change(of: version, keeping: kept)
    }

    /// What every page says of a product.
    func summary(_ product: ManagedProduct) -> ProductSummary {
        ProductSummary(
            id: product.id.value, href: SitePath.managedProduct(product.id).text,
            picture: smallPicture(of: product.product), name: wording.named(product.name),
            sku: product.sku?.text, price: wording.won(product.price), stock: wording.number(product.stock),
            lowStock: product.lowStock.map { wording.number($0) }, isListed: product.isListed,
            isSoldOut: product.stock == 0, isLow: product.isLow)
    }

    func reasons(chosen: String?) -> [ReasonChoice] {
        StockReason.changes.map { reason in
            ReasonChoice(
                value: reason.rawValue, label: wording.name("reason", reason), isChosen: reason.rawValue == chosen)
        }
    }

    fileprivate func newProduct(_ staff: Staff, _ refusal: FormRefusal? = nil) throws -> Response {
        _ = try shop.productAdministration(by: staff)
        var fields = try QueryFields(request)
        let copied = try fields.text("from", longest: 20).flatMap { Int64($0) }.map {
            try shop.managedProducts(for: staff).find(ProductID($0))
        }
        let values = refusal?.values ?? copied.map(copy) ?? ["listed": "1"]
        let model = NewProductPage(
            copied: copied.map { wording.named($0.name) }, fields: ProductFieldsModel(values),
            stock: values["stock"] ?? "", pictureText: values["text"] ?? "")
        return officePage(model, words(.titleNewProduct), in: .products, by: staff, refusal: refusal)
    }

    /// What the form for a copy begins with: no number, which is the other's, and not on sale before somebody says so.
    private func copy(of product: ManagedProduct) -> [String: String] {
        let text = ProductText(product)
        return [
            "name": text[.name], "price": wording.number(product.price.amount), "description": text[.description],
            "lowStock": text[.lowStock],
        ]
    }

    fileprivate func managedProduct(_ id: ProductID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let products = try shop.managedProducts(for: staff)
        if refusal != nil { _ = try shop.productAdministration(by: staff) }
        let product = try products.find(id)
        let list = Cursor(list: "stock page \(id.value)")
        var fields = try QueryFields(request)
        let asked = fields.page(of: list, by: StockMovement.self)
        try fields.finish()
        let movements = try shop.stockLedger(for: staff).list(of: id, before: asked.before, limit: asked.limit)
        let values = refusal?.values ?? [:]
        let model = ManagedProductPage(
            product: summary(product),
            fields: values["version"] == nil
                ? ProductFieldsModel(ProductText(product), wording) : ProductFieldsModel(values),
            forms: staff.may(.changeProducts) ? forms(product, values) : nil,
            description: wording.named(product.description), createdAt: wording.time(product.createdAt),
            views: wording.number(product.views),
            shopHref: product.isListed ? SitePath.product(id).text : nil,
            traceHref: staff.may(.readTrace)
                ? SitePath.trace(TraceQuery(of: TraceSubject(.product, id.value))).text : nil,
            movements: movements.items.map(movement), fileHref: SitePath.stockFile(of: id).text,
            pages: PageLinks(
                first: asked.before == nil ? nil : .managedProduct(id),
                next: movements.next(list) { $0.id.value }.map { .managedProduct(id, cursor: $0) }))
        return officePage(model, product.name, in: .products, by: staff, refusal: refusal)
    }

    private func forms(_ product: ManagedProduct, _ values: [String: String]) -> ProductForms {
        ProductForms(
            editHref: SitePath.managedProduct(product.id).text, listingHref: SitePath.productListing(product.id).text,
            stockHref: SitePath.changeStock(of: product.id).text,
            picturesHref: SitePath.officePictures(of: product.id).text,
            copyHref: SitePath.newProduct(copying: product.id).text,
            // A refused edit is still one of the version that it was made of.
            version: values["version"].flatMap { Int64($0) } ?? product.version,
            mark: values["mark"] ?? ProductText(product).mark, stockChange: values["stockChange"] ?? "",
            reasons: reasons(chosen: values["reason"]))
    }

    private func movement(_ movement: StockMovement) -> MovementRow {
        MovementRow(
            id: movement.id.value, at: wording.time(movement.at), reason: wording.name("reason", movement.reason),
            change: (movement.change > 0 ? "+" : "") + wording.number(movement.change), isTaken: movement.change < 0,
            stock: wording.number(movement.stock), login: movement.login)
    }

    fileprivate func changedProduct(
        _ id: ProductID, _ edit: ProductEdit, _ staff: Staff, _ refusal: FormRefusal
    ) throws -> Response {
        _ = try shop.productAdministration(by: staff)
        let product = try shop.managedProducts(for: staff).find(id)
        let (now, mine) = (ProductText(product), ProductText(typed: edit))
        // What only one of the two has touched is theirs.
        let touched = mine.changed(since: refusal.values["mark"])
        let changedSince = now.changed(since: refusal.values["mark"])
        let wrong = refusal.errors.fieldErrors
        let isAgain = refusal.values["choosing"] != nil
        let rows = mine.differences(from: now).map { field in
            let chosen = refusal.values[field.choice]
            return ChangedField(
                choice: field.choice, label: wording.name("field", field), mine: shown(mine, field),
                now: shown(now, field), isMine: chosen == "mine" || !isAgain && !changedSince.contains(field),
                isNow: chosen == "now" || !isAgain && !touched.contains(field), fieldError: wrong[field.choice])
        }
        let typed = ProductField.allCases.filter { $0 != .listed || edit.isListed }
            .map { HiddenField(name: $0.rawValue, value: mine[$0]) }
        let last =
            staff.may(.readTrace)
            ? try shop.trace(for: staff).list(
                TraceQuery(of: TraceSubject(.product, id.value)), before: nil, limit: 1
            ).items.first : nil
        let model = ChangedProductPage(
            name: wording.named(product.name), changedBy: last?.staff.login,
            changedAt: last.map { wording.time($0.at) }, href: SitePath.managedProduct(id).text,
            editHref: SitePath.managedProduct(id).text, version: product.version,
            // While a choice is asked for again, what was touched is still told from where it began.
            mark: refusal.values["mark"] ?? now.mark, typed: typed, rows: rows)
        return officePage(model, words(.titleChangedProduct), in: .products, by: staff, refusal: refusal)
    }

    private func shown(_ text: ProductText, _ field: ProductField) -> Named {
        let value = text[field]
        switch field {
        case .listed: return Named(text: words(value.isEmpty ? .no : .yes), lang: false)
        case _ where value.isEmpty: return Named(text: words(.goodsNothing), lang: false)
        case .price: return Named(text: Int64(value).map { wording.won(Won($0)) } ?? value, lang: false)
        case .lowStock: return Named(text: Int64(value).map { wording.number($0) } ?? value, lang: false)
        case .name, .description: return wording.named(value)
        case .sku: return Named(text: value, lang: false)
        }
    }
}
