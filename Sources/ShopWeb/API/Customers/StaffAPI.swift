import Shop
import Web

/// The staff's own accounts, for owners.
struct StaffAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/admin/staff") { request, _ in
            let input = try StaffListInput(request, of: administration(request))
            return .json { json in
                json.page(input.page, next: input.next) { $0.value($1) }
            }
        }
        api.on(.get, "/admin/staff.csv") { request, _ in
            try staffFile(of: administration(request)).response(downloads)
        }
        api.on(.post, "/admin/staff") { request, _ in
            let (staff, user) = try access.staff(request)
            let accounts = try shop.accountAdministration(by: staff)
            let submission: Submission<User> = try request.submission(
                of: user, hiddenBy: access.token(request), status: 201
            ) { json, user in
                json.value(StaffAccount(user: user, closedAt: nil, secondFactorSince: nil, sessions: []))
            }
            return Response(try accounts.create(request.json(StaffInput.self).signUp, submission))
        }
        api.on(.get, "/admin/staff/:id") { request, path in
            let accounts = try administration(request)
            let account = try accounts.staff(path.id(User.self, else: .accountNotFound))
            return .json { $0.value(account) }
        }
        api.on(.patch, "/admin/staff/:id") { request, path in
            let accounts = try administration(request)
            let id = try path.id(User.self, else: .accountNotFound)
            let ended = try accounts.setRole(of: id, to: request.json(RoleInput.self).role)
            return .json { $0.ended(ended) }
        }
        api.on(.patch, "/admin/staff/:id/password") { request, path in
            let accounts = try administration(request)
            let account = try accounts.staff(path.id(User.self, else: .accountNotFound))
            let password = try request.json(NewPasswordInput.self).password
            if let issue = FieldError.Issue(password, of: account.user.login) {
                throw ValidationError("password", issue)
            }
            let ended = try accounts.setPassword(of: account.user.id, to: password)
            return .json { $0.ended(ended) }
        }
        api.on(.delete, "/admin/staff/:id/sessions") { request, path in
            let accounts = try administration(request)
            let ended = try accounts.endSessions(of: path.id(User.self, else: .accountNotFound))
            return .json { $0.ended(ended) }
        }
        api.on(.delete, "/admin/staff/:id/second-factor") { request, path in
            let accounts = try administration(request)
            let ended = try accounts.removeSecondFactor(of: path.id(User.self, else: .accountNotFound))
            return .json { $0.ended(ended) }
        }
        api.on(.delete, "/admin/staff/:id") { request, path in
            let accounts = try administration(request)
            let ended = try accounts.close(path.id(User.self, else: .accountNotFound))
            return .json { $0.ended(ended) }
        }
    }

    private func administration(_ request: Request) throws -> AccountAdministration {
        try shop.accountAdministration(by: access.staff(request).staff)
    }
}

/// The page of the staff that a request asks for.
struct StaffListInput {
    let page: ListPage<StaffAccount>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// Throws a `ValidationError` for a query that cannot be.
    init(_ request: Request, of accounts: AccountAdministration) throws {
        let list = Cursor(list: "staff")
        var query = try QueryFields(request)
        let asked = query.page(of: list, by: User.self, usual: CustomerQuery.usualLimit)
        try query.finish()
        page = try accounts.staff(before: asked.before, limit: asked.limit)
        isFirst = asked.before == nil
        next = page.next(list) { $0.user.id.value }
    }
}

private struct StaffInput: JSONInput {
    let signUp: SignUp

    init(_ fields: JSONFields) {
        let login = fields.text("login", length: SignUp.loginLength, allowed: SignUp.isLoginCharacter)
        let password = fields.text("password", length: PasswordRule.length, allowed: PasswordRule.isCharacter)
        if let issue = FieldError.Issue(password, of: login) { fields.refuse("password", issue) }
        signUp = SignUp(
            login: login, password: password, name: fields.text("name", length: SignUp.nameLength),
            role: fields.role("role", of: Role.allCases.filter(\.isStaff)))
    }
}

private struct RoleInput: JSONInput {
    let role: Role

    init(_ fields: JSONFields) { role = fields.role("role", of: Role.allCases) }
}

private struct NewPasswordInput: JSONInput {
    let password: String

    init(_ fields: JSONFields) {
        password = fields.text("password", length: PasswordRule.length, allowed: PasswordRule.isCharacter)
    }
}

extension JSONFields {
    fileprivate func role(_ name: String, of roles: [Role]) -> Role {
        let word = text(name, length: 0...20)
        guard let role = roles.first(where: { $0.rawValue == word }) else {
            refuse(name, .choice(roles.map(\.rawValue)))
            return .customer
        }
        return role
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ account: StaffAccount) {
        object { json in
            json.member("id", account.user.id)
            json.member("login", account.user.login)
            json.member("name", account.user.name)
            json.member("role", account.user.role.rawValue)
            json.member("createdAt", account.user.createdAt)
            json.member("closedAt", account.closedAt)
            json.member("secondFactorSince", account.secondFactorSince)
            json.name("sessions")
            json.array(account.sessions) { $0.value($1) }
        }
    }
}
