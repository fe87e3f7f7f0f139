import HTTPTypes
import Web

/// A form that was sent and waits for the password: kept in the page that asks for it, so that the shop keeps nothing.
struct KeptForm {
    private static let actionField = "kept-action"
    private static let partialField = "kept-in-part"
    private static let mark = "kept."

    /// Where it was sent, on this shop.
    private let action: String
    /// Without the token that binds a form: that is the next page's own.
    private let fields: [HiddenField]
    /// Whether a password belongs to it, which is to be typed once more.
    let isPartial: Bool

    /// The form that a request brought, without its passwords; nil if nothing else was typed.
    init?(_ request: Request) throws {
        let address = request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
        let form = try Form(request)
        guard let action = OwnPath.path(address), let repeatable = form.repeatable else { return nil }
        self.action = action
        isPartial = form.hasPassword
        fields = repeatable.compactMap { field in
            field.name == "csrf" ? nil : HiddenField(name: field.name, value: field.value ?? "")
        }
        if isPartial, fields.allSatisfy({ $0.name == "key" }) { return nil }
    }

    /// What `hidden` wrote, back from the page; nil if nothing was kept in it.
    init?(in form: Form) {
        guard let action = OwnPath.path(form[Self.actionField]) else { return nil }
        self.action = action
        isPartial = form[Self.partialField] != nil
        fields = form.all.compactMap { field in
            guard field.name.hasPrefix(Self.mark), let value = field.value else { return nil }
            return HiddenField(name: String(field.name.dropFirst(Self.mark.count)), value: value)
        }
    }

    /// The fields that keep it.
    var hidden: [HiddenField] {
        [HiddenField(name: Self.actionField, value: action)]
            + (isPartial ? [HiddenField(name: Self.partialField, value: "true")] : [])
            + fields.map { HiddenField(name: Self.mark + $0.name, value: $0.value) }
    }

    /// To be sent once more.
    var again: FormAgain { FormAgain(action: action, fields: fields) }
}
