/// The own second factor: its state, its set-up, and what can be done with it.
struct SecondFactorPage: PageModel {
    static let template = PageTemplate.secondFactor

    /// nil if there is none.
    let inForce: SecondFactorInForce?
    /// nil if none is being set up.
    let begun: SecondFactorSetUp?
    /// Whether the reader's role needs one.
    let isRequired: Bool
    /// Where to continue once it is set up; nil for the staff's first page.
    let next: String?

    func child(named name: String) -> Any? {
        switch name {
        case "inForce": inForce
        case "begun": begun
        case "isRequired": isRequired
        case "next": next
        default: nil
        }
    }
}

/// A second factor in force.
struct SecondFactorInForce: TemplateModel {
    let since: TimeModel
    let codesLeft: String
    /// Whether it is time for new ones.
    let areFew: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "since": since
        case "codesLeft": codesLeft
        case "areFew": areFew
        default: nil
        }
    }
}

/// What the app has to be told.
struct SecondFactorSetUp: TemplateModel {
    /// nil for an address that is too long for a picture.
    let picture: QRPicture?
    /// In groups, to be typed.
    let secret: String
    /// Opens the app on a telephone.
    let address: String

    func child(named name: String) -> Any? {
        switch name {
        case "picture": picture
        case "secret": secret
        case "address": address
        default: nil
        }
    }
}

/// A QR code as SVG.
struct QRPicture: TemplateModel {
    /// What a camera needs around it, in modules.
    private static let margin = 4

    /// With the margin, in modules.
    let size: Int
    let path: String

    /// nil for a text that is too long.
    init?(_ text: String) {
        guard let code = QRCode(text) else { return nil }
        size = code.size + 2 * Self.margin
        path = code.path(margin: Self.margin)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "size": size
        case "path": path
        default: nil
        }
    }
}

/// The recovery codes, which are shown once.
struct RecoveryCodesPage: PageModel {
    static let template = PageTemplate.recoveryCodes

    let codes: [String]
    /// Where to continue.
    let nextHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "codes": codes
        case "nextHref": nextHref
        default: nil
        }
    }
}

/// Asks whether the second factor is to be removed.
struct RemoveSecondFactorPage: PageModel {
    static let template = PageTemplate.removeSecondFactor

    func child(named _: String) -> Any? { nil }
}
