import Shop
import Web

/// The list of customers.
struct CustomersPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.customers) { visit, staff, _ in try visit.customers(staff) }
        pages.getFileForStaff(.customersFile) { visit, staff in
            try customersFile(visit.request, of: visit.shop.customers(forFileOf: staff))
        }
    }
}

extension Visit {
    fileprivate func customers(_ staff: Staff) throws -> Response {
        let input = try CustomerListInput(request, of: shop.customers(for: staff))
        let query = input.query
        let model = CustomersPage(
            text: query.text, longest: CustomerQuery.longestText,
            group: query.group == .all ? nil : query.group.rawValue,
            groups: CustomerQuery.Group.allCases.map { group in
                CustomerGroupLink(
                    name: wording.name("customers", group),
                    href: SitePath.customers(CustomerQuery(query.text, in: group)).text,
                    isCurrent: group == query.group)
            },
            customers: input.list.customers.map { row($0) },
            allHref: query == CustomerQuery() ? nil : SitePath.customers().text,
            fileHref: SitePath.customersFile(query).text, looksFurther: input.list.hasLookedEnough,
            isLater: !input.isFirst,
            pages: PageLinks(
                first: input.isFirst ? nil : .customers(query),
                next: input.next.map { .customers(query, cursor: $0) }))
        return officePage(model, words(.titleCustomers), in: .customers, by: staff)
    }

    private func row(_ customer: CustomerSummary) -> CustomerRow {
        let user = customer.user
        return CustomerRow(
            id: user.id.value, href: SitePath.customer(user.id).text, login: user.login,
            name: wording.named(user.name), role: user.role.isStaff ? wording.name("role", user.role) : nil,
            balance: wording.won(customer.balance), since: wording.time(user.createdAt),
            isClosed: customer.closedAt != nil)
    }
}
