import Shop

/// The sections of the staff's pages, in the order of their menu.
enum OfficeSection: String, CaseIterable, Sendable {
    case today
    case orders
    case products
    case coupons
    case figures
    case customers
    case corrections
    case staff
    case trace
    case roles

    /// The section's first page.
    var path: SitePath {
        switch self {
        case .today: .office
        case .orders: .officeOrders()
        case .products: .managedProducts()
        case .coupons: .officeCoupons()
        case .figures: .figures()
        case .customers: .customers()
        case .corrections: .corrections()
        case .staff: .staff()
        case .trace: .trace()
        case .roles: .roles
        }
    }

    /// What it takes to see it; nil for what all of the staff see.
    var permission: Permission? {
        switch self {
        case .today, .roles: nil
        case .orders: .readOrders
        case .products: .readProducts
        case .coupons: .readCoupons
        case .figures: .readFigures
        case .customers: .readCustomers
        case .corrections: .correctBalances
        case .staff: .manageAccounts
        case .trace: .readTrace
        }
    }
}

extension Staff {
    func sees(_ section: OfficeSection) -> Bool {
        section.permission.map(may) ?? true
    }
}

/// The menu of the staff's pages.
struct OfficeMenu: TemplateModel {
    let items: [OfficeMenuItem]

    init(of staff: Staff, current: OfficeSection?, _ words: Words) {
        items = OfficeSection.allCases.filter(staff.sees).map { section in
            OfficeMenuItem(
                name: words.named("office_" + section.rawValue), href: section.path.text, isCurrent: section == current)
        }
    }

    func child(named name: String) -> Any? {
        switch name {
        case "items": items
        default: nil
        }
    }
}

/// A section in the menu.
struct OfficeMenuItem: TemplateModel {
    let name: String
    let href: String
    let isCurrent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "href": href
        case "isCurrent": isCurrent
        default: nil
        }
    }
}
