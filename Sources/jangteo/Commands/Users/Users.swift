import ArgumentParser
import Journal
import Shop
import ShopStore

struct Users: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manages the accounts.",
        subcommands: [
            CreateUser.self, ListUsers.self, ChangePassword.self, ChangeRole.self, CloseUser.self, UserSessions.self,
            UnlockUser.self, RemoveFactor.self, ListRoles.self,
        ])
}

/// The new password for an account.
struct PasswordInput: ParsableArguments {
    @Flag(
        help: "Reads the password from the first line of standard input. There is no other way: arguments are public.")
    var passwordStdin = false

    func validate() throws {
        guard passwordStdin else { throw ValidationError("give --password-stdin and the password on standard input") }
    }

    /// - Parameter login: the account's.
    func read(for login: String) throws -> String {
        let length = PasswordRule.length
        guard let password = readLine(strippingNewline: true), length.contains(password.unicodeScalars.count) else {
            throw SettingError("the password has to have \(length.lowerBound) to \(length.upperBound) characters")
        }
        guard password.unicodeScalars.allSatisfy(PasswordRule.isCharacter) else {
            throw SettingError("the password cannot have control characters")
        }
        switch PasswordRule.violation(in: password, of: login) {
        case .common: throw SettingError("many people use this password, so it is soon guessed: choose another one")
        case .login: throw SettingError("the password cannot be the same as the login")
        case nil: return password
        }
    }
}

/// The account that a command applies to.
struct UserOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Argument(help: "What the user logs in with, in any case.")
    var login: String

    /// The result of `body` for the shop's accounts; a refusal is reported as a usage error.
    func administer<Result>(_ body: (AccountAdministration) throws -> Result) throws -> Result {
        do {
            return try data.administer(body)
        } catch ShopError.accountNotFound {
            throw SettingError("nobody has the login \(login): jangteo users list shows them all")
        } catch ShopError.accountClosed {
            throw SettingError("the account \(login) is closed; nothing was changed")
        } catch ShopError.lastOwner {
            throw SettingError("\(login) is the last owner: make another one first; nothing was changed")
        }
    }
}

extension DataOptions {
    /// The result of `body` for the shop's accounts.
    func administer<Result>(_ body: (AccountAdministration) throws -> Result) throws -> Result {
        try settings().withShop(security: SystemLog.security) { shop in
            try body(shop.accountAdministration(by: .shell(SystemUser.name)))
        }
    }
}

extension Timestamp {
    /// In ISO 8601 (UTC), to the second.
    var listed: String { BackupTime(seconds: Int(milliseconds / 1_000)).text }
}

/// "1 session", "3 sessions".
func sessions(_ count: Int) -> String { count == 1 ? "1 session" : "\(count) sessions" }
