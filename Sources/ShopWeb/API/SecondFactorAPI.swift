import HTTPTypes
import Shop
import Web

/// The caller's own second factor, for the staff.
struct SecondFactorAPI: Sendable {
    /// What apps show beside the login.
    private static let issuer = "Jangteo"

    let accounts: Accounts
    let access: Access

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/users/me/second-factor") { request, _ in
            let state = try own(request).state()
            return .json { json in
                json.object { json in
                    json.member("since", state.since)
                    json.member("recoveryCodesLeft", Int64(state.recoveryCodesLeft))
                    json.member("isRequired", state.isRequired)
                }
            }
        }
        api.on(.post, "/users/me/second-factor") { request, _ in
            let totp = try own(request).begin()
            let login = try accounts.user(access.caller(request)).login
            return .json(.created) { json in
                json.object { json in
                    json.member("secret", Base32.encode(totp.secret))
                    json.member("address", totp.address(issuer: Self.issuer, account: login))
                }
            }
        }
        api.on(.post, "/users/me/second-factor/confirmation") { request, _ in
            let own = try own(request)
            return Self.answer(try own.confirm(request.json(CodeInput.self).code))
        }
        api.on(.post, "/users/me/second-factor/recovery-codes") { request, _ in
            Self.answer(try own(request).renewRecoveryCodes())
        }
        api.on(.delete, "/users/me/second-factor") { request, _ in
            try own(request).remove()
            return Response(.noContent, fields: [.cacheControl: "no-store"])
        }
    }

    private func own(_ request: Request) throws -> OwnSecondFactor {
        try accounts.secondFactor(access.token(request), by: .program, from: request.remoteAddress)
    }

    private static func answer(_ codes: [RecoveryCode]) -> Response {
        .json(.created) { json in
            json.object { json in
                json.name("recoveryCodes")
                json.array(codes) { $0.value($1.text) }
            }
        }
    }
}

private struct CodeInput: JSONInput {
    let code: String

    init(_ fields: JSONFields) {
        code = fields.text("code", length: 1...TOTP.typedLength)
    }
}
