import Mustache

/// The templates of the pages; they may include others.
enum PageTemplate: String, CaseIterable {
    case home
    case products
    case product
    case coupons
    case coupon
    case myCoupons = "my-coupons"
    case basket
    case order
    case pay
    case orders
    case balance
    case logIn = "login"
    case signUp = "signup"
    case account
    case logInCode = "login-code"
    case passwordAgain = "password-again"
    case formKept = "form-kept"
    case secondFactor = "second-factor"
    case recoveryCodes = "recovery-codes"
    case removeSecondFactor = "second-factor-remove"
    case problem
    case explained
    case explainedAll = "explained-all"
    case officeOrders = "office-orders"
    case officeOrder = "office-order"
    case severalRefunds = "office-orders-refund"
    case severalNotes = "office-orders-note"
    case officeRefund = "office-refund"
    case officeRefundCheck = "office-refund-check"
    case officeRefundOver = "office-refund-over"
    case managedProducts = "office-products"
    case managedProduct = "office-product"
    case newProduct = "office-product-new"
    case changedProduct = "office-product-changed"
    case severalProducts = "office-products-several"
    case productImport = "office-products-import"
    case checkedImport = "office-products-checked"
    case officeCoupons = "office-coupons"
    case officeCoupon = "office-coupon"
    case newCoupon = "office-coupon-new"
    case couponPreview = "office-coupon-preview"
    case closeCoupon = "office-coupon-close"
    case today
    case figures
    case figureProducts = "figure-products"
    case customers
    case customer
    case customerEntries = "customer-entries"
    case customerCoupons = "customer-coupons"
    case correctBalance = "correct-balance"
    case closeAccount = "close-account"
    case corrections
    case correction
    case staff
    case staffAccount = "staff-account"
    case removeStaffFactor = "staff-second-factor-remove"
    case pictures
    case removePicture = "remove-picture"
    case trace
    case roles
}

/// Loads the templates and checks what they refer to, so that a mistake shows at start-up and not on somebody's page.
enum Templates {
    private static let suffix = ".mustache"

    static func load(_ folder: String, overriding override: String?, words: [Words]) throws -> MustacheLibrary {
        MustacheContentTypes.register(StrictHTML(), named: StrictHTML.name)
        let names = names(folder)
        let overridden = try override.map { try overriding($0, names) } ?? []
        if let missing = PageTemplate.allCases.first(where: { !names.contains($0.rawValue) }) {
            throw StorefrontError("there is no \(folder)/\(missing.rawValue)\(suffix)")
        }
        var library = MustacheLibrary()
        for name in names {
            let place = override.flatMap { overridden.contains(name) ? $0 : nil } ?? folder
            let path = "\(place)/\(name)\(suffix)"
            let text = try Storefront.text(path)
            try check(text, path, names, words)
            do {
                try library.register("{{% CONTENT_TYPE:\(StrictHTML.name)}}" + text, named: name)
            } catch let error as MustacheTemplate.ParserError {
                throw StorefrontError("\(path), line \(error.context.lineNumber): \(error.error)")
            }
        }
        return library
    }

    /// What the files of a folder replace. A file that replaces nothing is a mistake of whoever put it there.
    private static func overriding(_ folder: String, _ names: [String]) throws -> [String] {
        guard Storefront.isFolder(folder) else { throw StorefrontError("there is no folder \(folder)") }
        return try Storefront.files(folder).map { file in
            guard file.hasSuffix(suffix), names.contains(String(file.dropLast(suffix.count))) else {
                throw StorefrontError("\(folder)/\(file): the shop has no template of this name")
            }
            return String(file.dropLast(suffix.count))
        }
    }

    private static func names(_ folder: String) -> [String] {
        Storefront.files(folder).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }

    /// A missing partial or word would be left out silently.
    private static func check(_ text: String, _ path: String, _ names: [String], _ words: [Words]) throws {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for part in line.split(separator: "{{", omittingEmptySubsequences: false).dropFirst() {
                let tag = part.prefix { $0 != "}" }
                let name = tag.drop { "><#^/&{ ".contains($0) }.filter { $0 != " " }
                let mistake: String? =
                    if tag.first == ">" || tag.first == "<" {
                        names.contains(name) ? nil : "there is no template \(name)"
                    } else if name.hasPrefix("t.") {
                        words.first { $0.child(named: String(name.dropFirst(2))) == nil }
                            .map { "there is no word \(name.dropFirst(2)) in the language \($0.language.rawValue)" }
                    } else {
                        nil
                    }
                if let mistake { throw StorefrontError("\(path), line \(number + 1): \(mistake)") }
            }
        }
    }
}

/// Escapes text for HTML byte by byte.
///
/// The library's own works on whole grapheme clusters, so it misses a quote with a combining accent; to a browser that
/// is a quote, and would end the attribute.
struct StrictHTML: MustacheContentType {
    static let name = "STRICT-HTML"

    func escapeText(_ text: String) -> String {
        let isPlain = !text.utf8.contains { Self.escape($0) != nil }
        if isPlain { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 32)
        for byte in text.utf8 {
            if let escape = Self.escape(byte) {
                bytes.append(contentsOf: escape.utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
