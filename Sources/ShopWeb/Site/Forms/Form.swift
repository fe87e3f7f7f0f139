import HTTPTypes
import Shop
import Web

/// A posted form, read by name; collects what is wrong with it.
struct Form {
    private let fields: FormFields
    /// What was chosen as a file; nil for a form without one.
    private(set) var file: UploadedFile?
    private var errors: [FieldError] = []

    /// Fields that are never shown again.
    private static let secret: Set<String> = ["csrf", "key", "password", "current", "new", "code"]

    /// The shop's largest forms are one with a description, of which each letter can take 12 bytes, and one with a page of
    /// products, which has some 200 fields.
    static let mostBytes = 128 * 1024
    private static let mostFields = 300

    /// One in which nothing was typed.
    init() { fields = FormFields([]) }

    /// - Parameter takesFile: whether there may be a file in it.
    init(_ request: Request, takesFile: Bool = false) throws {
        if takesFile, request.fields.first(.contentType)?.hasPrefix("multipart/") == true {
            try request.checkFile()
            let content = try BodyContent(request)
            let form = try MultipartForm(request, content)
            fields = FormFields(form.fields)
            file = form.file.map { UploadedFile(content, $0.range) }
            return
        }
        let bytes = try request.bodyBytes()
        guard bytes.count <= Self.mostBytes, bytes.count(where: { $0 == UInt8(ascii: "&") }) < Self.mostFields else {
            throw RequestError.payloadTooLarge
        }
        let type = request.fields.first(.contentType)?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded" else { throw RequestError.unsupportedMediaType }
        guard let text = String(utf8: bytes.span) else {
            throw RequestError.malformed("form is not UTF-8")
        }
        fields = try FormFields(text)
    }

    /// One that was read before, as `values`.
    init(typed values: [String: String]) { fields = FormFields(values) }

    /// The field's text; nil if it is missing or malformed.
    subscript(name: String) -> String? { fields.fields.first { $0.name == name }?.value }

    /// Where to continue afterwards, on this shop.
    var next: String? { OwnPath.path(self["next"]) }

    /// All fields, in order.
    var all: [FormFields.Field] { fields.fields }

    private static let passwords: Set<String> = ["password", "current", "new"]

    /// Whether a password can be typed in it.
    var hasPassword: Bool { fields.fields.contains { Self.passwords.contains($0.name) } }

    /// The form's fields, to be sent again: all but passwords, which no page repeats; nil if one is malformed.
    var repeatable: [FormFields.Field]? {
        guard fields.fields.allSatisfy({ $0.value != nil }) else { return nil }
        return fields.fields.filter { !Self.passwords.contains($0.name) }
    }

    /// What was typed, to be shown again.
    var values: [String: String] {
        Dictionary(
            fields.fields.compactMap { field in
                Self.secret.contains(field.name) ? nil : field.value.map { (field.name, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The address of the form's page with what was typed, so that the page shows it on return; nil if that is nothing,
    /// or too long.
    func typed(at page: String) -> String? {
        let parts = page.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let typed = fields.fields.filter { Self.isTyped($0.name) && $0.value != nil }
        // Nothing can be added to an unreadable query: the page is returned to as it was.
        guard !typed.isEmpty, let before = try? FormFields(parts.count > 1 ? String(parts[1]) : "") else { return nil }
        let others = before.fields.filter { field in !typed.contains { $0.name == field.name } }
        let query = (others + typed).map {
            "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value ?? ""))"
        }
        return OwnPath.path(parts[0] + "?" + query.joined(separator: "&"))
    }

    private static func isTyped(_ name: String) -> Bool {
        name == "quantity" || name == "amount" || name == "coupon" || name.hasPrefix("quantity-")
    }

    /// The text, trimmed of spaces.
    mutating func text(_ name: String, length: ClosedRange<Int>, allowed: (Unicode.Scalar) -> Bool = { _ in true })
        -> String
    {
        let text = String(trimming: self[name] ?? "")
        check(name, text, length, allowed)
        return text
    }

    /// A password, exactly as typed.
    mutating func password(_ name: String, length: ClosedRange<Int>) -> String {
        let text = self[name] ?? ""
        check(name, text, length) { _ in true }
        return text
    }

    /// A password to be used from now on.
    mutating func newPassword(_ name: String, of login: String) -> String {
        let text = self[name] ?? ""
        check(name, text, PasswordRule.length, PasswordRule.isCharacter)
        if let issue = FieldError.Issue(text, of: login) { refuse(name, issue) }
        return text
    }

    /// A whole number as people type it.
    mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64 {
        let text = String(trimming: self[name] ?? "")
        if text.isEmpty {
            refuse(name, .missing)
        } else if let value = TypedNumber(text)?.value {
            if value < range.lowerBound { refuse(name, .below(range.lowerBound)) }
            if value > range.upperBound { refuse(name, .above(range.upperBound)) }
            return value
        } else {
            refuse(name, .type("integer"))
        }
        return range.lowerBound
    }

    /// The same; nil if nothing was typed.
    mutating func optionalInteger(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        String(trimming: self[name] ?? "").isEmpty ? nil : integer(name, in: range)
    }

    mutating func refuse(_ name: String, _ issue: FieldError.Issue) { errors.append(FieldError(name, issue)) }

    /// Throws the collected errors.
    func finish() throws {
        if !errors.isEmpty { throw ValidationError(errors) }
    }

    private mutating func check(
        _ name: String, _ text: String, _ length: ClosedRange<Int>, _ allowed: (Unicode.Scalar) -> Bool
    ) {
        let count = text.unicodeScalars.count
        if count == 0, length.lowerBound > 0 {
            refuse(name, .missing)
        } else if count < length.lowerBound {
            refuse(name, .shorter(length.lowerBound))
        } else if count > length.upperBound {
            refuse(name, .longer(length.upperBound))
        } else if !text.unicodeScalars.allSatisfy({ allowed($0) && $0 != "\0" }) {
            refuse(name, .characters)
        }
    }
}

extension String {
    fileprivate init(trimming text: String) {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        self = String(rest)
    }
}

extension Visit {
    /// The submission that a form stands for. Its key was made with the page: sent again, it gets the same receipt.
    ///
    /// - Parameters:
    ///   - purpose: distinguishes forms of one page that share a key.
    ///   - receipt: the address that shows the outcome.
    func submission<Outcome>(
        _ purpose: String, _ form: Form, of user: UserID, receipt: @escaping @Sendable (Outcome) -> String
    ) throws -> Submission<Outcome> {
        guard let key = form["key"], Token(key[...]) != nil else { throw PageError.staleForm }
        var wish = form.all.filter { $0.name != "csrf" && $0.name != "key" }
            .flatMap { Array("\($0.name)=\($0.value ?? "")\0".utf8) }
        // From its fingerprint, which is stored, nobody can find a password out: the session's token is stored nowhere.
        if form.hasPassword, let token { wish += Array(token.text.utf8) }
        if let file = form.file { wish += try file.hash() }
        return Submission(
            caller: user,
            key: IdempotencyKey(text: "\(purpose) \(key)", of: Array("page".utf8), Array(request.path.utf8), wish)
        ) { outcome in Receipt(code: 201, bytes: Array(receipt(outcome).utf8)) }
    }

    /// Sends the browser on to the receipt.
    func receipt(_ receipt: Receipt, saying notice: Notice? = nil) -> Response {
        let path = String(decoding: receipt.bytes, as: UTF8.self)
        return notice.map { .seeOther(path, saying: $0, request) } ?? .seeOther(path)
    }
}
