import Shop
import Web

/// The staff's own accounts, for owners: who there is, and one more.
struct StaffPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getFileForStaff(.staffFile) { visit, staff in
            staffFile(of: try visit.shop.accountAdministration(by: staff))
        }
        pages.getForStaff(.staff) { visit, staff, _ in try visit.staffList(staff, nil) }
        pages.postForStaff(.staff, needing: .manageAccounts) { visit, staff, _, form in
            let accounts = try visit.shop.accountAdministration(by: staff)
            let login = form.text("login", length: SignUp.loginLength, allowed: SignUp.isLoginCharacter)
            let name = form.text("name", length: SignUp.nameLength)
            let role = form.role("role", of: Role.allCases.filter(\.isStaff))
            let password = form.newPassword("password", of: login)
            try form.finish()
            let receipt = try accounts.create(
                SignUp(login: login, password: password, name: name, role: role),
                visit.submission("staff", form, of: visit.user()) { SitePath.staffAccount($0.id).text })
            return visit.receipt(receipt, saying: .staffCreated)
        } refused: { visit, staff, _, refusal in
            try visit.staffList(staff, refusal)
        }
    }
}

/// One of the staff's accounts: its role, its password, its sessions, its end.
struct StaffAccountPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.staffAccount) { visit, staff, path in
            try visit.staffAccount(path.id(User.self, else: .accountNotFound), staff, nil)
        }
        add(.staffRole, to: &pages) { visit, accounts, id, form in
            let role = form.role("role", of: Role.allCases)
            try form.finish()
            do {
                _ = try accounts.setRole(of: id, to: role)
            } catch ShopError.accountNotFound where !role.isStaff {
                // It was pressed twice, or somebody else was faster: among the customers, as was wanted.
                guard try visit.ofStaff(id, visit.staff()) == nil else { throw ShopError.accountNotFound }
            }
            return visit.done(.roleChanged, id, leavesStaff: !role.isStaff)
        }
        add(.staffPassword, to: &pages) { visit, accounts, id, form in
            let account = try accounts.staff(id)
            let password = form.newPassword("new", of: account.user.login)
            try form.finish()
            _ = try accounts.setPassword(
                of: id, to: password,
                visit.submission("password", form, of: visit.user()) { _ in SitePath.staffAccount(id).text })
            return visit.done(.passwordSet, id)
        }
        add(.endStaffSessions, to: &pages) { visit, accounts, id, _ in
            _ = try accounts.endSessions(of: id)
            return visit.done(.customerLoggedOut, id)
        }
        pages.getForStaff(.removeStaffFactor) { visit, staff, path in
            try visit.removingFactor(path.id(User.self, else: .accountNotFound), staff, nil)
        }
        pages.postForStaff(.removeStaffFactor, needing: .manageAccounts) { visit, staff, path, _ in
            let id = try path.id(User.self, else: .accountNotFound)
            do {
                _ = try visit.shop.accountAdministration(by: staff).removeSecondFactor(of: id)
            } catch ShopError.secondFactorNotFound {
                // It was pressed twice, or somebody else was faster: it is gone, as was wanted.
            }
            return visit.done(.staffFactorRemoved, id)
        } refused: { visit, staff, path, refusal in
            try visit.removingFactor(path.id(User.self, else: .accountNotFound), staff, refusal)
        }
        pages.getForStaff(.closeStaff) { visit, staff, path in
            try visit.closingStaff(path.id(User.self, else: .accountNotFound), staff, nil)
        }
        pages.postForStaff(.closeStaff, needing: .manageAccounts) { visit, staff, path, _ in
            let id = try path.id(User.self, else: .accountNotFound)
            do {
                _ = try visit.shop.accountAdministration(by: staff).close(id)
            } catch ShopError.accountClosed {
                // It was pressed twice, or somebody else was faster: it is closed, as was wanted.
            }
            return visit.done(.accountClosed, id)
        } refused: { visit, staff, path, refusal in
            try visit.closingStaff(path.id(User.self, else: .accountNotFound), staff, refusal)
        }
    }

    /// A form on the account's page.
    private func add(
        _ route: SiteRoute, to pages: inout PageRoutes,
        _ action: @escaping @Sendable (Visit, AccountAdministration, UserID, inout Form) throws -> Response
    ) {
        pages.postForStaff(route, needing: .manageAccounts, from: SitePath.staffAccount(ofForm:)) {
            visit, staff, path, form in
            let accounts = try visit.shop.accountAdministration(by: staff)
            return try action(visit, accounts, try path.id(User.self, else: .accountNotFound), &form)
        } refused: { visit, staff, path, refusal in
            try visit.staffAccount(path.id(User.self, else: .accountNotFound), staff, refusal)
        }
    }
}

extension Form {
    fileprivate mutating func role(_ name: String, of roles: [Role]) -> Role {
        guard let role = roles.first(where: { $0.rawValue == self[name] }) else {
            refuse(name, .missing)
            return .customer
        }
        return role
    }
}

extension Visit {
    /// After a change of one of the staff's accounts: to its page, or to the others where it is not staff any more. Who
    /// ended their own session logs in again.
    fileprivate func done(_ notice: Notice, _ id: UserID, leavesStaff: Bool = false) -> Response {
        if customer?.user.id == id { return .seeOther(.logIn(next: SitePath.office.text)) }
        return .seeOther(leavesStaff ? .staff() : .staffAccount(id), saying: notice, request)
    }

    /// nil for whoever is among the customers now. Throws `accountNotFound` for a number that nobody has.
    func ofStaff(_ id: UserID, _ staff: Staff) throws -> StaffAccount? {
        do {
            return try shop.accountAdministration(by: staff).staff(id)
        } catch ShopError.accountNotFound {
            _ = try shop.customers(for: staff).find(id)
            return nil
        }
    }

    private func choices(_ roles: [Role], chosen: String?) -> [RoleChoice] {
        roles.map { role in
            RoleChoice(
                value: role.rawValue, name: wording.name("role", role), isChosen: role.rawValue == chosen)
        }
    }

    fileprivate func staffList(_ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let input = try StaffListInput(request, of: shop.accountAdministration(by: staff))
        let chosen = refusal?.values["role"] ?? Role.reader.rawValue
        let model = StaffPage(
            staff: input.page.items.map { row($0) },
            roles: choices(Role.allCases.filter(\.isStaff), chosen: chosen), values: [:],
            fileHref: SitePath.staffFile.text,
            pages: PageLinks(first: input.isFirst ? nil : .staff(), next: input.next.map { .staff(cursor: $0) }))
        return officePage(model, words(.titleStaff), in: .staff, by: staff, refusal: refusal)
    }

    private func row(_ account: StaffAccount) -> StaffRow {
        let latest = account.sessions.max { $0.lastUsedAt < $1.lastUsedAt }
        let others = account.sessions.count - 1
        return StaffRow(
            login: account.user.login, href: SitePath.staffAccount(account.user.id).text,
            name: wording.named(account.user.name), role: wording.name("role", account.user.role),
            since: wording.time(account.user.createdAt), isClosed: account.closedAt != nil,
            factorSince: account.secondFactorSince.map { wording.time($0) },
            lastUsedAt: latest.map { wording.time($0.lastUsedAt) }, from: latest.map { origin(of: $0) } ?? "",
            others: others > 0 ? words(.moreSessions, ["count": .number(Int64(others))]) : nil)
    }

    fileprivate func staffAccount(_ id: UserID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        guard let account = try ofStaff(id, staff) else { return .seeOther(.customer(id)) }
        let user = account.user
        let model = StaffAccountPage(
            login: user.login, name: wording.named(user.name), role: wording.name("role", user.role),
            since: wording.time(user.createdAt), closedAt: account.closedAt.map { wording.time($0) },
            factorSince: account.secondFactorSince.map { wording.time($0) },
            removeFactorHref: account.secondFactorSince == nil || staff.user == id
                ? nil : SitePath.removeStaffFactor(id).text,
            sessions: account.sessions.map { sessionRow($0) },
            roles: choices(Role.allCases, chosen: refusal?.values["role"] ?? user.role.rawValue),
            isMine: staff.user == id, roleHref: SitePath.staffRole(id).text,
            passwordHref: SitePath.staffPassword(id).text, endSessionsHref: SitePath.endStaffSessions(id).text,
            closeHref: SitePath.closeStaff(id).text,
            traceHref: SitePath.trace(TraceQuery(of: TraceSubject(.account, id.value))).text,
            doneHref: SitePath.trace(TraceQuery(by: id)).text)
        return officePage(model, user.login, in: .staff, by: staff, refusal: refusal)
    }

    fileprivate func closingStaff(_ id: UserID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        guard let account = try ofStaff(id, staff) else { return .seeOther(.customer(id)) }
        if account.closedAt != nil { return .seeOther(.staffAccount(id)) }
        let sessions = account.sessions.count
        let model = CloseAccountPage(
            login: account.user.login, name: wording.named(account.user.name), action: SitePath.closeStaff(id).text,
            backHref: SitePath.staffAccount(id).text, balance: nil,
            sessions: sessions > 0 ? wording.number(Int64(sessions)) : nil,
            role: wording.name("role", account.user.role))
        return officePage(model, words(.titleCloseAccount), in: .staff, by: staff, refusal: refusal)
    }
}
