import ArgumentParser
import Journal
import Shop

struct CreateUser: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Makes an account.")

    @OptionGroup var options: DataOptions

    @Argument(help: "What the user logs in with.")
    var login: String

    @Flag(help: "Manages products, coupons and refunds.")
    var admin = false

    @Flag(help: "Does nothing where the login is taken.")
    var ifMissing = false

    @OptionGroup var password: PasswordInput

    func validate() throws {
        guard SignUp.isLogin(login) else {
            let length = SignUp.loginLength
            throw ValidationError(
                "a login has \(length.lowerBound) to \(length.upperBound) letters from A to Z, digits, or . _ @ + -")
        }
    }

    func run() throws {
        let password = try password.read(for: login)
        let signUp = SignUp(login: login, password: password, name: login, role: admin ? .admin : .customer)
        do {
            let user = try options.settings().withShop(security: SystemLog.security) { shop in
                try shop.accounts.signUp(signUp)
            }
            print("\(user.role.rawValue) \(user.login) has the id \(user.id.value)")
        } catch ShopError.loginTaken where ifMissing {
            print("the login \(login) is there already; nothing was changed")
        } catch ShopError.loginTaken {
            throw SettingError("the login \(login) is taken")
        }
    }
}
