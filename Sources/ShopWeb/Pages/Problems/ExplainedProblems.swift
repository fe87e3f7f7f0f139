import Shop
import Web

/// The pages behind the addresses of problems (RFC 9457's `type`): one per code, and a list of them.
struct ExplainedProblems: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.problems) { visit, _ in
            let problems = ProblemCode.all.map { code in
                ProblemRow(
                    code: code.text, heading: visit.words(code.title), href: SitePath.problem(code.text).text)
            }
            return visit.page(ExplainedAllPage(problems: problems), visit.words(.titleProblems))
        }
        pages.get(.problem) { visit, path in
            guard let code = ProblemCode(path["code"]) else { throw RequestError.notFound }
            let title = visit.words(code.title)
            let explanation = visit.words.child(named: "explained_\(code.text)") as? String
            let model = ExplainedPage(
                code: code.text, heading: title, explanation: explanation ?? visit.words(.adviceOther))
            return visit.page(model, title)
        }
    }
}

/// A problem's name for programs; the keys of its words are derived from it.
private struct ProblemCode {
    private static let prefix = "refused_"

    let text: String
    let title: WordKey

    /// nil if no problem has this code.
    init?(_ text: String) {
        guard let title = WordKey(rawValue: Self.prefix + text) else { return nil }
        self.text = text
        self.title = title
    }

    static let all = WordKey.allCases.compactMap { word in
        word.rawValue.hasPrefix(prefix) ? ProblemCode(String(word.rawValue.dropFirst(prefix.count))) : nil
    }
}
