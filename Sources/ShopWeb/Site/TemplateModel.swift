import Mustache

/// What a template can use: each stored property that is meant for it, by its name.
///
/// Templates look members up by name. `child(named:)` lists them explicitly, at a tenth of the cost of reflection;
/// `TemplateModelTests` compares it with what the templates use, in both directions.
protocol TemplateModel: MustacheParent, Sendable {}

/// Everything that one page's template uses besides what is on every page.
protocol PageModel: TemplateModel {
    static var template: PageTemplate { get }
}

/// What a page is rendered from: its own members, what was wrong with its form, and what is on every page. If two share
/// a name, the first one counts.
struct WholePage: TemplateModel {
    let refusal: FormErrors?
    let page: any PageModel
    let layout: Layout

    func child(named name: String) -> Any? {
        refusal?.child(named: name) ?? page.child(named: name) ?? layout.child(named: name)
    }
}

/// A time for a `<time>` element.
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

/// The name of something in the shop.
struct Named: Sendable {
    let text: String
    /// The name's language if it is not the page's, for screen readers; otherwise `false`, so that no template falls
    /// through to an outer `lang`.
    let lang: any Sendable
}
