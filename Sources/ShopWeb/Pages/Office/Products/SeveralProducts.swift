import Shop
import Web

/// What is done with several products at once.
enum SeveralAction: String, CaseIterable, Sendable {
    case raise, lower, list, unlist

    /// How many per cent it takes; nil if none.
    var percents: ClosedRange<Int64>? {
        switch self {
        case .raise: PriceChange.raiseRange
        case .lower: PriceChange.lowerRange
        case .list, .unlist: nil
        }
    }
}

/// What is to be done, with which products, as an address or a form says.
struct SeveralProductsInput {
    var action: SeveralAction?
    /// As typed.
    var percent = ""
    var unit: Int64 = 10
    var selected: [ProductID] = []
    /// Whether all that the list finds are meant.
    var isAll = false

    init() {}

    init(_ fields: FormFields) {
        func first(_ name: String) -> String? { fields.fields.first { $0.name == name }?.value }
        action = first("action").flatMap { SeveralAction(rawValue: $0) }
        percent = first("percent") ?? ""
        unit = first("unit").flatMap { Int64($0) }.flatMap { PriceChange.units.contains($0) ? $0 : nil } ?? 10
        isAll = first("all") != nil
        selected = fields.fields.filter { $0.name == "select" }
            .flatMap { ($0.value ?? "").split(separator: " ").compactMap { Int64($0) } }
            .prefix(ManagedProducts.mostTogether).map { ProductID($0) }
    }

    /// How the prices change; nil if they do not, or the field of the percentage is wrong.
    var priceChange: PriceChange? {
        guard let action, let range = action.percents, let typed = TypedNumber(percent.replacing("%", with: ""))?.value,
            range.contains(typed)
        else { return nil }
        return PriceChange(percent: action == .lower ? -typed : typed, unit: unit)
    }

    /// What is wrong with the percentage; nil if nothing is.
    var percentIssue: FieldError.Issue? {
        guard let range = action?.percents, priceChange == nil else { return nil }
        let typed = TypedNumber(percent.replacing("%", with: ""))?.value
        if percent.allSatisfy(\.isWhitespace) { return .missing }
        guard let typed else { return .type("integer") }
        return typed < range.lowerBound ? .below(range.lowerBound) : .above(range.upperBound)
    }

    /// What it asks of a product; nil if that has nothing to change. The price may be more than any product may cost.
    func change(of product: ManagedProduct) -> ProductChange? {
        switch action {
        case .list?: product.isListed ? nil : ProductChange(isListed: true, version: product.version)
        case .unlist?: product.isListed ? ProductChange(isListed: false, version: product.version) : nil
        case .raise?, .lower?:
            priceChange.map { $0.price(from: product.price) }.flatMap { price in
                price == product.price ? nil : ProductChange(price: price, version: product.version)
            }
        case nil: nil
        }
    }
}

extension SeveralProductsInput {
    /// Whether the price would be more than any product may cost.
    func isTooDear(_ change: ProductChange) -> Bool { change.price.map { $0 > Product.priceRange.upperBound } ?? false }
}

/// The products of a confirmed form, with the version that its page has shown of each.
struct SeveralProductsForm {
    let shown: [(id: ProductID, version: Int64)]

    static func marks(_ products: [ManagedProduct]) -> String {
        products.map { "\($0.id.value).\($0.version)" }.joined(separator: " ")
    }

    init(_ marks: String?) {
        shown = (marks ?? "").split(separator: " ").prefix(ManagedProducts.mostTogether).compactMap { mark in
            let numbers = mark.split(separator: ".").compactMap { Int64($0) }
            return numbers.count == 2 ? (ProductID(numbers[0]), numbers[1]) : nil
        }
    }
}

extension ManagedProductPages {
    /// Several at once: first what will change, then the change.
    func addSeveral(to pages: inout PageRoutes) {
        pages.getForStaff(.severalProducts) { visit, staff, _ in
            _ = try visit.shop.productAdministration(by: staff)
            let fields = try FormFields(visit.request.query)
            let list = try ManagedProductListInput(typed: visit.values(fields))
            let input = SeveralProductsInput(fields)
            let products = try visit.shop.managedProducts(for: staff)
            guard input.isAll || !input.selected.isEmpty else {
                return .seeOther(
                    .managedProducts(list.query, typed: list.text), saying: .nothingSelected, visit.request)
            }
            guard let found = try input.isAll ? products.all(list.query) : products.find(input.selected) else {
                return .seeOther(
                    .managedProducts(list.query, typed: list.text), saying: .tooManyFound, visit.request)
            }
            return try visit.several(input, list, found, staff, nil)
        }
        pages.postForStaff(.severalProducts, needing: .changeProducts) { visit, staff, _, form in
            let administration = try visit.shop.productAdministration(by: staff)
            let input = SeveralProductsInput(FormFields(form.values))
            let shown = SeveralProductsForm(form["products"]).shown
            let versions = Dictionary(shown.map { ($0.id, $0.version) }, uniquingKeysWith: { first, _ in first })
            let products = try visit.shop.managedProducts(for: staff).find(shown.map(\.id))
            var changes: [(id: ProductID, change: ProductChange)] = []
            for product in products {
                // Of one that was changed meanwhile, something else would be made than was shown.
                guard let version = versions[product.id] else { continue }
                let change = product.version == version ? input.change(of: product) : ProductChange(version: version)
                if let change { changes.append((id: product.id, change: change)) }
            }
            guard !changes.isEmpty else {
                throw FormError(.unprocessableContent, "validation_failed", .errorNothingChanged)
            }
            // The page has said which, and offered nothing to send.
            guard !changes.contains(where: { input.isTooDear($0.change) }) else { throw PageError.staleForm }
            let list = try ManagedProductListInput(typed: form.values)
            let path = SitePath.managedProducts(list.query, typed: list.text).text
            do {
                let submission: Submission<[ManagedProduct]> = try visit.submission("several", form, of: visit.user()) {
                    _ in path
                }
                return visit.receipt(try administration.update(changes, submission), saying: .productsSaved)
            } catch let error as RefusedProducts {
                let names = products.filter { error.refused[$0.id] != nil }
                throw FormRowErrors(
                    status: .conflict, code: "products_refused",
                    errors: names.map {
                        ("row-\($0.id.value)", Phrase(.severalChanged, ["name": .text($0.name)]))
                    })
            }
        } refused: { visit, staff, _, refusal in
            _ = try visit.shop.productAdministration(by: staff)
            let list = try ManagedProductListInput(typed: refusal.values)
            let shown = SeveralProductsForm(refusal.values["products"]).shown
            let found = try visit.shop.managedProducts(for: staff).find(shown.map(\.id))
            return try visit.several(SeveralProductsInput(FormFields(refusal.values)), list, found, staff, refusal)
        }
    }
}

extension Visit {
    fileprivate func values(_ fields: FormFields) -> [String: String] {
        Dictionary(
            fields.fields.compactMap { field in field.value.map { (field.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// The fields of what can be done with several.
    func severalFields(_ input: SeveralProductsInput = SeveralProductsInput()) -> SeveralFields {
        SeveralFields(
            actions: SeveralAction.allCases.map { action in
                ReasonChoice(
                    value: action.rawValue, label: wording.name("several", action), isChosen: action == input.action)
            },
            units: PriceChange.units.map { unit in
                ReasonChoice(value: String(unit), label: wording.won(Won(unit)), isChosen: unit == input.unit)
            }, percent: input.percent, most: wording.number(Int64(ManagedProducts.mostTogether)))
    }

    fileprivate func several(
        _ input: SeveralProductsInput, _ list: ManagedProductListInput, _ found: [ManagedProduct], _ staff: Staff,
        _ refusal: FormRefusal?
    ) throws -> Response {
        let issue =
            input.action == nil ? FieldError("action", .missing) : input.percentIssue.map { FieldError("percent", $0) }
        let refusal = refusal ?? issue.flatMap { FormRefusal(ValidationError([$0]), Form(typed: [:]), self) }
        let query = list.query
        let model = SeveralProductsPage(
            query: ProductListFields(
                text: list.text, filter: query.filter == .all ? nil : query.filter.word,
                sort: query.order == .newest ? nil : query.order.word, cursor: nil),
            several: severalFields(input),
            preview: issue == nil ? preview(input, found, refusal) : nil,
            selected: input.isAll ? "" : found.map { String($0.id.value) }.joined(separator: " "), isAll: input.isAll,
            listHref: SitePath.managedProducts(query, typed: list.text).text)
        return officePage(
            model, words(.titleSeveralProducts), in: .products, by: staff, refusal: refusal)
    }

    private func preview(
        _ input: SeveralProductsInput, _ found: [ManagedProduct], _ refusal: FormRefusal?
    ) -> SeveralPreview {
        let wrong = refusal?.errors.fieldErrors ?? [:]
        let rows = found.compactMap { product in
            input.change(of: product).map { change in
                SeveralRow(
                    product: summary(product),
                    before: change.price == nil ? state(product.isListed) : wording.won(product.price),
                    after: change.price.map { wording.won($0) } ?? state(change.isListed ?? product.isListed),
                    rowError: input.isTooDear(change)
                        ? words(.errorAtMost, ["most": .number(Product.priceRange.upperBound.amount)])
                        : wrong["row-\(product.id.value)"])
            }
        }
        let unchanged = found.count - rows.count
        let count = Phrase.Value.number(Int64(rows.count))
        let percent = Phrase.Value.number((input.priceChange?.percent.magnitude).map { Int64($0) } ?? 0)
        let says: Phrase =
            switch input.action {
            case .raise?: Phrase(.severalRaise, ["count": count, "percent": percent])
            case .lower?: Phrase(.severalLower, ["count": count, "percent": percent])
            case .list?: Phrase(.severalList, ["count": count])
            case .unlist?, nil: Phrase(.severalUnlist, ["count": count])
            }
        return SeveralPreview(
            says: words(says),
            rounding: input.priceChange.map { words(.severalRounding, ["unit": .won(Won($0.unit))]) },
            unchanged: unchanged == 0 ? nil : words(.severalUnchanged, ["count": .number(Int64(unchanged))]),
            rows: rows,
            action: input.action?.rawValue ?? "", percent: input.percent, unit: String(input.unit),
            marks: SeveralProductsForm.marks(found.filter { input.change(of: $0) != nil }),
            canConfirm: !rows.isEmpty
                && !found.contains { input.change(of: $0).map(input.isTooDear) ?? false })
    }

    private func state(_ isListed: Bool) -> String { words(isListed ? .productIsListed : .productIsUnlisted) }
}
