/// The first of the staff's pages.
struct OfficeHomePage: PageModel {
    static let template = PageTemplate.office

    func child(named _: String) -> Any? { nil }
}
