import HTTPTypes
import Web

/// A form that was sent and waits for the password: kept in the page that asks for it, so that the shop keeps nothing.
struct KeptForm {
    private static let actionField = "kept-action"
    private static let mark = "kept."

    /// Where it was sent, on this shop.
    private let action: String
    /// Without the token that binds a form: that is the next page's own.
    private let fields: [HiddenField]

    /// The form that a request brought; nil if it has a password, which no page repeats.
    init?(_ request: Request) throws {
        let address = request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
        guard let action = OwnPath.path(address), let whole = try Form(request).whole else { return nil }
        self.action = action
        fields = whole.compactMap { field in
            field.name == "csrf" ? nil : HiddenField(name: field.name, value: field.value ?? "")
        }
    }

    /// What `hidden` wrote, back from the page; nil if nothing was kept in it.
    init?(in form: Form) {
        guard let action = OwnPath.path(form[Self.actionField]) else { return nil }
        self.action = action
        fields = form.all.compactMap { field in
            guard field.name.hasPrefix(Self.mark), let value = field.value else { return nil }
            return HiddenField(name: String(field.name.dropFirst(Self.mark.count)), value: value)
        }
    }

    /// The fields that keep it.
    var hidden: [HiddenField] {
        [HiddenField(name: Self.actionField, value: action)]
            + fields.map { HiddenField(name: Self.mark + $0.name, value: $0.value) }
    }

    /// To be sent once more.
    var again: FormAgain { FormAgain(action: action, fields: fields) }
}
