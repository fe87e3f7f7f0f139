import Foundation
import Mustache
import Web

/// The words of one language: a file of keys and texts. Templates say `{{t.key}}`, the program names a `WordKey`.
struct Words: Sendable, MustacheParent {
    let language: Language
    private let texts: [String: String]

    /// Throws a `Storefront.Mistake` where the file is not there, is broken, or lacks a word that the program uses.
    init(_ folder: String, _ language: Language) throws {
        self.language = language
        let path = "\(folder)/\(language.rawValue).json"
        do {
            texts = try JSONDecoder().decode([String: String].self, from: Data(Storefront.text(path).utf8))
        } catch is DecodingError {
            throw Storefront.Mistake("\(path): has to be an object of texts in JSON")
        }
        if let missing = WordKey.allCases.first(where: { texts[$0.rawValue] == nil }) {
            throw Storefront.Mistake("\(path): there is no \(missing.rawValue)")
        }
    }

    var keys: Set<String> { Set(texts.keys) }

    func child(named name: String) -> Any? { texts[name] }

    /// The text, with a value in the place of each `{name}`.
    func callAsFunction(_ key: WordKey, _ values: KeyValuePairs<String, String> = [:]) -> String {
        guard let text = texts[key.rawValue] else { preconditionFailure("no word \(key)") }
        if values.isEmpty { return text }
        var result = ""
        var rest = text[...]
        // Each place is filled once: what a value says is not read again.
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = rest[rest.index(after: open)..<close]
            result += rest[..<open]
            result += values.first { $0.key == name }?.value ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// The words that are put together with values, or chosen, by the program.
enum WordKey: String, CaseIterable, Sendable {
    case languageName = "language_name"

    case titleHome = "title_home"
    case titleProducts = "title_products"
    case titleSearch = "title_search"
    case titleCoupons = "title_coupons"
    case titleMyCoupons = "title_my_coupons"
    case titleBasket = "title_basket"
    case titleOrder = "title_order"
    case titleReceipt = "title_receipt"
    case titlePay = "title_pay"
    case titleOrders = "title_orders"
    case titleBalance = "title_balance"
    case titleLogIn = "title_login"
    case titleSignUp = "title_signup"
    case titleAccount = "title_account"

    case pending = "status_pending"
    case completed = "status_completed"
    case cancelled = "status_cancelled"
    case expired = "status_expired"
    case refunded = "status_refunded"
    case charge = "kind_charge"
    case payment = "kind_payment"
    case refund = "kind_refund"
    case sortNewest = "sort_newest"
    case sortCheapest = "sort_cheapest"
    case sortDearest = "sort_dearest"

    case discountFixed = "discount_fixed"
    case discountPercent = "discount_percent"
    case discountPercentMaximum = "discount_percent_maximum"
    case minimumOrder = "minimum_order"
    case orderSummaryMore = "order_summary_more"
    case chartLabel = "chart_label"

    case daysAndHours = "span_days_hours"
    case hoursAndMinutes = "span_hours_minutes"
    case minutes = "span_minutes"
    case lessThanAMinute = "span_less_than_minute"
    case time = "time_full"
    case months = "month_names"

    case noticeCharged = "notice_charged"
    case noticePasswordChanged = "notice_password_changed"
    case noticeSessionsEnded = "notice_sessions_ended"
    case noticeLoggedOut = "notice_logged_out"
    case noticeAddedToBasket = "notice_added_to_basket"
    case noticeBasketChanged = "notice_basket_changed"
    case noticeOrderCancelled = "notice_order_cancelled"

    case summaryTitle = "summary_title"
    case errorRequired = "error_required"
    case errorNumber = "error_number"
    case errorAtLeast = "error_at_least"
    case errorAtMost = "error_at_most"
    case errorTooShort = "error_too_short"
    case errorTooLong = "error_too_long"
    case errorCharactersOfLogin = "error_characters_login"
    case errorStockShort = "error_stock_short"
    case errorFormReused = "error_form_reused"
    case errorWrongPassword = "error_wrong_current_password"

    case fieldLogin = "field_login"
    case fieldPassword = "field_password"
    case fieldName = "field_name"
    case fieldAmount = "field_amount"
    case fieldQuantity = "field_quantity"
    case fieldCurrent = "field_current"
    case fieldNew = "field_new"

    case problemForbiddenForm = "problem_forbidden_form"
    case errorFormOld = "error_form_old"
    case adviceNotFound = "problem_advice_not_found"
    case adviceUnavailable = "problem_advice_unavailable"
    case adviceForbidden = "problem_advice_forbidden"
    case adviceTooLarge = "problem_advice_too_large"
    case adviceTooMany = "problem_advice_too_many"
    case adviceOther = "problem_advice_other"
}
