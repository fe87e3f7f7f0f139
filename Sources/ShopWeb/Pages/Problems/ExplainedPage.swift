/// Explains one kind of problem.
struct ExplainedPage: PageModel {
    static let template = PageTemplate.explained

    let code: String
    let heading: String
    let explanation: String

    func child(named name: String) -> Any? {
        switch name {
        case "code": code
        case "heading": heading
        case "explanation": explanation
        default: nil
        }
    }
}

/// The list of all kinds of problems.
struct ExplainedAllPage: PageModel {
    static let template = PageTemplate.explainedAll

    let problems: [ProblemRow]

    func child(named name: String) -> Any? {
        switch name {
        case "problems": problems
        default: nil
        }
    }
}

/// A kind of problem in the list.
struct ProblemRow: TemplateModel {
    let code: String
    let heading: String
    let href: String

    func child(named name: String) -> Any? {
        switch name {
        case "code": code
        case "heading": heading
        case "href": href
        default: nil
        }
    }
}
