/// The figures of some days.
struct FiguresPage: PageModel {
    static let template = PageTemplate.figures

    let period: String
    let form: FigureForm
    /// nil before the first day that there can be.
    let previousHref: String?
    /// nil behind the last one.
    let nextHref: String?
    let sums: [Tile]
    let chart: BarChart
    /// To the same as a file.
    let fileHref: String
    /// What was sold most; nil for more days than products are added up for.
    let products: ProductRanking?

    func child(named name: String) -> Any? {
        switch name {
        case "period": period
        case "form": form
        case "previousHref": previousHref
        case "laterHref": nextHref
        case "sumTiles": sums
        case "chart": chart
        case "fileHref": fileHref
        case "products": products
        default: nil
        }
    }
}

/// What was sold of each product.
struct ProductFiguresPage: PageModel {
    static let template = PageTemplate.figureProducts

    let period: String
    let periodHref: String
    let ranking: ProductRanking
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "period": period
        case "periodHref": periodHref
        case "ranking": ranking
        default: pages.child(named: name)
        }
    }
}

/// Which figures are shown, and a way to others.
struct FigureForm: TemplateModel {
    let from: String
    let to: String
    let steps: [FigureChoice]
    /// Periods that are often looked at.
    let periods: [FigureChoice]

    func child(named name: String) -> Any? {
        switch name {
        case "from": from
        case "to": to
        case "steps": steps
        case "periods": periods
        default: nil
        }
    }
}

/// Something to choose.
struct FigureChoice: TemplateModel {
    let word: String
    let name: String
    let href: String
    let isChosen: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "word": word
        case "choiceName": self.name
        case "choiceHref": href
        case "isChosen": isChosen
        default: nil
        }
    }
}

/// The products that were sold most, the first at the top.
struct ProductRanking: TemplateModel {
    let rows: [ProductRankingRow]
    /// To all of them; nil if these are.
    let allHref: String?
    /// To all of them as a file.
    let fileHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "rankingRows": rows
        case "hasRows": !rows.isEmpty
        case "allProductsHref": allHref
        case "productsFileHref": fileHref
        default: nil
        }
    }
}

/// What was sold of one product.
struct ProductRankingRow: TemplateModel {
    let href: String
    let name: Named
    let quantity: String
    let amount: String

    func child(named name: String) -> Any? {
        switch name {
        case "productHref": href
        case "productName": self.name.text
        case "productLang": self.name.lang
        case "quantity": quantity
        case "amount": amount
        default: nil
        }
    }
}
