/// The first of the staff's pages for who does not see the shop's figures.
struct OfficeHomePage: PageModel {
    static let template = PageTemplate.office

    func child(named _: String) -> Any? { nil }
}
