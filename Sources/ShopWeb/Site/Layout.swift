import HTTPTypes
import Shop
import Web

/// What is on every page.
struct Layout: TemplateModel {
    let lang: Language
    let words: Words
    let assets: Assets
    let title: String
    let item: NavigationItem?
    let languages: [LanguageLink]
    /// nil for a visitor.
    let user: UserModel?
    /// nil if it is empty.
    let basket: (count: String, items: String)?
    let loginHref: String
    let signupHref: String
    /// The token that binds the page's forms to the session, and the idempotency key; nil if the page can have no form.
    let form: (csrf: String, key: String)?
    /// What was done before this page.
    let notice: String?
    let now: TimeModel
    /// The time that the page's countdowns go by.
    let clock: String
    /// nil on the pages for customers.
    let office: OfficeMenu?

    func child(named name: String) -> Any? {
        switch name {
        case "t": words
        case "lang": lang.rawValue
        case "assets": assets
        case "title": title
        case "nav": Navigation(current: item)
        case "languages": languages
        case "user": user
        case "basketCount": basket?.count
        case "basketItems": basket?.items
        case "loginHref": loginHref
        case "signupHref": signupHref
        case "csrf": form?.csrf
        case "key": form?.key
        case "notice": notice
        case "now": now
        case "clock": clock
        case "office": office
        case "search": ""  // the list of products says what was searched for
        case "searchLength": ProductListInput.longestText
        case "summary": false  // a product has its own
        case "summaryTitle": words(.summaryTitle)
        default: nil
        }
    }
}

/// The link to the page in another language.
struct LanguageLink: TemplateModel {
    let code: String
    let name: String
    let isCurrent: Bool
    let href: String

    func child(named name: String) -> Any? {
        switch name {
        case "code": code
        case "name": self.name
        case "isCurrent": isCurrent
        case "href": href
        default: nil
        }
    }
}

/// What every page shows of the logged-in customer.
struct UserModel: TemplateModel {
    let name: String
    let balance: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "balance": balance
        default: nil
        }
    }
}

/// The section of the navigation that a page belongs to.
enum NavigationItem: String {
    case home = "isHome"
    case products = "isProducts"
    case coupons = "isCoupons"
    case orders = "isOrders"
    case balance = "isBalance"
    case basket = "isBasket"
    case account = "isAccount"
}

/// Tells templates which section a page belongs to: `{{nav.isHome}}`.
struct Navigation: TemplateModel {
    let current: NavigationItem?

    func child(named name: String) -> Any? { NavigationItem(rawValue: name).map { $0 == current } }
}

extension Visit {
    /// A whole page.
    ///
    /// - Parameters:
    ///   - model: what the template uses besides what is on every page.
    ///   - refusal: what was wrong with the form, if the page is shown again for that.
    ///   - office: the menu, on a page of the staff's.
    func page<Model: PageModel>(
        _ model: Model, _ title: String, in item: NavigationItem? = nil, refusal: FormRefusal? = nil,
        office: OfficeMenu? = nil, status: HTTPResponse.Status = .ok
    ) -> Response {
        // A visitor's form is bound to a cookie, which is set by the first page with a form.
        let binding = visitorToken ?? .random()
        let hasVisitorsForm = [.logIn, .logInCode, .signUp].contains(Model.template)
        let form: (csrf: String, key: String)? =
            if let personal, personal.isCustomer {
                (personal[.formToken], personal[.key])
            } else if visitorToken != nil || hasVisitorsForm {
                (binding.formToken(), Token.random().text)
            } else {
                nil
            }
        let whole = WholePage(refusal: refusal?.errors, page: model, layout: layout(title, item, form, office))
        guard let html = storefront.templates.render(whole, withTemplate: Model.template.rawValue) else {
            preconditionFailure("no template \(Model.template.rawValue)")
        }
        var response = Response(refusal?.status ?? status, fields: Self.fields, body: Array(html.utf8))
        response.fields[.contentLanguage] = language.rawValue
        if let seconds = refusal?.retryAfterSeconds { response.fields[.retryAfter] = String(seconds) }
        if !isCustomers, visitorToken == nil, hasVisitorsForm {
            response.fields.append(Cookie.visitor.field(binding.text, for: request, seconds: nil))
        }
        if notice != nil { response.fields.append(Cookie.notice.field("", for: request, seconds: 0)) }
        return response
    }

    /// A whole page of the staff's, whose template begins with `{{<office}}`.
    func officePage<Model: PageModel>(
        _ model: Model, _ title: String, in section: OfficeSection?, by staff: Staff, refusal: FormRefusal? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let menu = OfficeMenu(of: staff, current: section, words)
        return page(model, title, refusal: refusal, office: menu, status: status)
    }

    private func layout(
        _ title: String, _ item: NavigationItem?, _ form: (csrf: String, key: String)?, _ office: OfficeMenu?
    ) -> Layout {
        let back = back
        let languages = Language.allCases.map { other in
            LanguageLink(
                code: other.rawValue, name: storefront.words(other)(.languageName), isCurrent: other == language,
                href: SitePath.language(other, next: back).text)
        }
        let user = personal.flatMap { personal in
            personal.isCustomer ? UserModel(name: personal[.name], balance: personal[.balance]) : nil
        }
        let said: String? =
            switch notice {
            case .word(let word): words(word)
            case .charged(let entry): charged(entry)
            case nil: nil
            }
        return Layout(
            lang: language, words: words, assets: storefront.assets, title: title, item: item, languages: languages,
            user: user, basket: personal.flatMap { $0.hasBasket ? ($0[.basketCount], $0[.basketItems]) : nil },
            loginHref: SitePath.logIn(next: back).text, signupHref: SitePath.signUp(next: back).text, form: form,
            notice: said, now: wording.time(now), clock: clock, office: office)
    }

    /// The page that a form was sent from, if it is one of ours.
    var referer: String? {
        guard let referer = request.fields.first(.referer), referer.hasPrefix(request.origin + "/") else { return nil }
        return OwnPath.path(String(referer.dropFirst(request.origin.count)))
    }

    /// No cache stores a page, it loads nothing from elsewhere, and nobody else's page can frame it.
    private static let fields: HTTPFields = {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ]
        fields[.requiredName("Referrer-Policy")] = "same-origin"
        fields[.requiredName("Vary")] = "Accept-Language, Cookie"
        return fields
    }()
}

extension HTTPField.Name {
    static let host = requiredName("Host")
}

extension Request {
    /// This shop's origin, as the client calls it.
    var origin: String { "\(isSecure ? "https" : "http")://\(fields.first(.host) ?? "")" }
}
