import Shop
import Web

/// Accounts: signing up and tokens.
struct AccountsAPI: Sendable {
    let accounts: Accounts
    let access: Access

    func addRoutes(to api: inout RouterGroup) {
        api.on(.post, "/users") { request, _ in
            let user = try accounts.signUp(request.json(SignUpInput.self).signUp)
            return .json(.created) { $0.value(user) }
        }
        api.on(.get, "/users/me") { request, _ in
            let user = try accounts.user(access.caller(request))
            return .json { $0.value(user) }
        }
        api.on(.post, "/tokens") { request, _ in
            let input = try request.json(LogInInput.self)
            let (token, expiresAt) = try accounts.logIn(
                login: input.login, password: input.password, code: input.code, from: .program(request.remoteAddress))
            return .json(.created) { json in
                json.object { json in
                    json.member("token", token.text)
                    json.member("expiresAt", expiresAt)
                }
            }
        }
        api.on(.delete, "/tokens/current") { request, _ in
            _ = try access.caller(request)
            try accounts.logOut(access.token(request))
            return Response(.noContent, fields: [.cacheControl: "no-store"])
        }
        api.on(.post, "/tokens/current/password") { request, _ in
            let (token, caller) = (try access.token(request), try access.caller(request))
            let input = try request.json(PasswordInput.self)
            try accounts.confirmPassword(
                of: accounts.user(caller), input.password, in: token, at: request.remoteAddress)
            return Response(.noContent, fields: [.cacheControl: "no-store"])
        }
    }
}

private struct SignUpInput: JSONInput {
    let signUp: SignUp

    init(_ fields: JSONFields) {
        let login = fields.text("login", length: SignUp.loginLength, allowed: SignUp.isLoginCharacter)
        let password = fields.text("password", length: PasswordRule.length, allowed: PasswordRule.isCharacter)
        if let issue = FieldError.Issue(password, of: login) { fields.refuse("password", issue) }
        signUp = SignUp(login: login, password: password, name: fields.text("name", length: SignUp.nameLength))
    }
}

private struct LogInInput: JSONInput {
    let login: String
    let password: String
    let code: String?

    init(_ fields: JSONFields) {
        login = fields.text("login", length: 0...SignUp.loginLength.upperBound)
        password = fields.text("password", length: 0...PasswordRule.length.upperBound)
        code = fields.optional("code") { fields.text($0, length: 0...TOTP.typedLength) }
    }
}

private struct PasswordInput: JSONInput {
    let password: String

    init(_ fields: JSONFields) {
        password = fields.text("password", length: 0...PasswordRule.length.upperBound)
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ user: User) {
        object { json in
            json.member("id", user.id)
            json.member("login", user.login)
            json.member("name", user.name)
            json.member("role", user.role.rawValue)
            json.member("createdAt", user.createdAt)
        }
    }
}
