import ArgumentParser
import Journal
import Shop
import ShopStore

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
        guard login.wholeMatch(of: /[A-Za-z0-9._@+-]{3,64}/) != nil else {
            throw ValidationError("a login has 3 to 64 letters from A to Z, digits, or . _ @ + -")
        }
    }

    func run() throws {
        let password = try password.read(for: login)
        let settings = try options.settings()
        let store = try settings.openStore(settings.logger())
        defer { store.close() }
        let accounts = Accounts(
            store: store, clock: .system, policy: settings.policy, hasher: PasswordHasher(cost: settings.passwordCost),
            gate: HashingGate(atOnce: 1, waiting: 0), use: SessionUse(), security: SystemLog.security)
        do {
            let user = try accounts.signUp(
                SignUp(login: login, password: password, name: login, role: admin ? .admin : .customer))
            print("\(user.role.rawValue) \(user.login) has the id \(user.id.value)")
        } catch ShopError.loginTaken where ifMissing {
            print("the login \(login) is there already; nothing was changed")
        } catch ShopError.loginTaken {
            throw SettingMistake("the login \(login) is taken")
        }
    }
}
