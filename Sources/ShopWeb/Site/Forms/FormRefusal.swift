import HTTPTypes
import Shop
import Web

/// What a form's page says if the shop itself refuses nothing, or its words are meant for somebody else.
struct FormError: Error {
    let status: HTTPResponse.Status
    /// See `FormRefusal.code`.
    let code: StaticString
    let word: WordKey
    /// The field concerned; nil for the form as a whole.
    let field: String?

    init(_ status: HTTPResponse.Status, _ code: StaticString, _ word: WordKey, at field: String? = nil) {
        self.status = status
        self.code = code
        self.word = word
        self.field = field
    }

    /// The form's page is too old to be trusted: it is shown again with what was typed, for another press.
    static let stale = FormError(.forbidden, "stale_form", .errorFormStale)
}

/// What was wrong at several places of a form that changes several things at once.
struct FormRowErrors: Error {
    let status: HTTPResponse.Status
    /// See `FormRefusal.code`.
    let code: StaticString
    let errors: [(field: String?, phrase: Phrase)]
}

/// What was wrong with a form, for its page to say.
struct FormRefusal {
    struct Message {
        /// The field concerned; nil for the form as a whole.
        let field: String?
        let text: String
    }

    let status: HTTPResponse.Status
    /// The problem's code, as in the API.
    let code: StaticString
    let messages: [Message]
    let retryAfterSeconds: Int?
    /// What was typed.
    let values: [String: String]
    /// Whether a file came with it: no page can fill that in again.
    private let hadFile: Bool
    private let wording: Wording

    /// nil for what no form can fix: that gets a page of its own.
    init?(_ error: any Error, _ form: Form, _ visit: Visit) {
        if let error = error as? FormError {
            self.init(error, form, visit)
            return
        }
        if let error = error as? FormRowErrors {
            self.init(error, form, visit)
            return
        }
        guard error is ShopError || error is ValidationError, let problem = Problem(error),
            problem.status != .notFound || form["source"] == "basket", !Self.leadsElsewhere(error)
        else { return nil }
        self.init(problem, error, form, visit)
    }

    private init(_ problem: Problem, _ error: any Error, _ form: Form, _ visit: Visit) {
        wording = visit.wording
        // 401 asks for credentials in a header, which no page takes.
        // 404 would say that the page is missing, when only something that the form names is.
        status =
            switch problem.status {
            case .unauthorized: .unprocessableContent
            case .notFound: .conflict
            default: problem.status
            }
        code = problem.code
        retryAfterSeconds = problem.retryAfterSeconds
        values = form.values
        hadFile = form.file?.size ?? 0 > 0
        if !problem.errors.isEmpty {
            messages = problem.errors.map { Message(field: $0.field, text: visit.wording.issue($0)) }
        } else if case .outOfStock(let product) = error as? ShopError {
            messages = [Self.outOfStock(product, problem, form, visit)]
        } else {
            // A form that only confirms what was entered elsewhere has no such field. A file is no text among the others.
            let field = Self.fileField(error) ?? Self.field(error).flatMap { form[$0] == nil ? nil : $0 }
            messages = [Message(field: field, text: Self.text(error, problem, visit))]
        }
    }

    /// Whether something else has to be done before the form is sent again: see `Visit.asking`.
    private static func leadsElsewhere(_ error: any Error) -> Bool {
        switch error as? ShopError {
        case .passwordRequired, .secondFactorRequired: true
        default: false
        }
    }

    init(_ error: FormError, _ form: Form, _ visit: Visit) {
        wording = visit.wording
        status = error.status
        code = error.code
        retryAfterSeconds = nil
        values = form.values
        hadFile = form.file?.size ?? 0 > 0
        messages = [Message(field: error.field, text: visit.words(error.word))]
    }

    private init(_ error: FormRowErrors, _ form: Form, _ visit: Visit) {
        wording = visit.wording
        status = error.status
        code = error.code
        retryAfterSeconds = nil
        values = form.values
        hadFile = form.file?.size ?? 0 > 0
        messages = error.errors.map { Message(field: $0.field, text: visit.words($0.phrase)) }
    }

    /// How many there are, if any, at the field that asks for more.
    private static func outOfStock(_ product: ProductID, _ problem: Problem, _ form: Form, _ visit: Visit) -> Message {
        // One more read; if it fails, the message has neither number nor name.
        let found = try? visit.shop.products.find(product)
        let stock = found?.stock ?? 0
        let inBasket = form["source"] == "basket"
        guard stock > 0, inBasket || form["quantity"] != nil else {
            let name = found.map { ": \($0.name)" } ?? ""
            return Message(field: nil, text: visit.words(problem.title) + name)
        }
        return Message(
            field: inBasket ? "quantity-\(product.value)" : "quantity",
            text: visit.words(.errorStockShort, ["stock": .number(stock)]))
    }

    private static func text(_ error: any Error, _ problem: Problem, _ visit: Visit) -> String {
        if error as? ShopError == .idempotencyKeyReused { return visit.words(.errorFormReused) }
        let title = visit.words(problem.title)
        guard let detail = problem.detail else { return title }
        return "\(title). \(visit.words(detail))"
    }

    private static func field(_ error: any Error) -> String? {
        switch error as? ShopError {
        case .chargeBelowMinimum, .chargeAboveMaximum, .balanceLimitExceeded, .correctionExceedsBalance: "amount"
        case .loginTaken: "login"
        case .skuTaken: "sku"
        case .invalidCode: "code"
        default: nil
        }
    }

    private static func fileField(_ error: any Error) -> String? {
        switch error as? ShopError {
        case .pictureRefused: "file"
        case .productFileRefused: "csv"
        default: nil
        }
    }

    /// The refusal as templates show it.
    var errors: FormErrors {
        let fields = messages.compactMap { message in message.field.map { ($0, message.text) } }
        let rows = messages.map { message in
            FormErrors.Row(
                message: message.text, href: message.field.map { "#field-\($0)" },
                label: message.field.flatMap { wording.label($0) })
        }
        return FormErrors(
            errors: rows, values: values, fieldErrors: Dictionary(fields, uniquingKeysWith: { first, _ in first }),
            isFileLost: hadFile)
    }
}

/// What a page shows above its form and at its fields.
struct FormErrors: TemplateModel {
    struct Row: TemplateModel {
        let message: String
        /// The field's anchor; nil for the form as a whole.
        let href: String?
        let label: String?

        func child(named name: String) -> Any? {
            switch name {
            case "message": message
            case "href": href
            case "isLink": href != nil
            case "label": label
            default: nil
            }
        }
    }

    let errors: [Row]
    /// By field name, as `fieldErrors`.
    let values: [String: String]
    let fieldErrors: [String: String]
    /// Whether a file has to be chosen anew.
    let isFileLost: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "isError", "hasErrors": true
        case "errors": errors
        case "values": values
        case "fieldErrors": fieldErrors
        case "isFileLost": isFileLost
        default: nil
        }
    }
}
