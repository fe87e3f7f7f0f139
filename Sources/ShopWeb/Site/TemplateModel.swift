import Mustache

/// What a template may name: each stored property that is meant for it, by its own name.
///
/// A template looks members up by text. `child(named:)` says them one by one, which costs a tenth of what reflection does;
/// `TemplateModelTests` holds it against what the templates name, both ways.
protocol TemplateModel: MustacheParent, Sendable {}

/// All that one page's template names besides what is on every page.
protocol PageModel: TemplateModel {
    static var template: PageTemplate { get }
}

/// What a page is rendered from: its own members, what was wrong with its form, and what is on every page. Where two have
/// the same name, the first of them counts.
struct WholePage: TemplateModel {
    let refusal: FormErrors?
    let page: any PageModel
    let layout: Layout

    func child(named name: String) -> Any? {
        refusal?.child(named: name) ?? page.child(named: name) ?? layout.child(named: name)
    }
}

/// A time in a `<time>`.
struct TimeModel: TemplateModel {
    let text: String
    let datetime: String

    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "datetime": datetime
        default: nil
        }
    }
}

/// What is called so in the shop.
struct Named: Sendable {
    let text: String
    /// Its language where that is not the page's, for who has the page read aloud; otherwise `false`, so that no template
    /// takes another's.
    let lang: any Sendable
}
