import ArgumentParser
import Journal
import Shop

struct CreateUser: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Makes an account.")

    @OptionGroup var options: DataOptions

    @Argument(help: "What the user logs in with.")
    var login: String

    @Option(help: "What they may do; jangteo users roles shows the table.")
    var role: Role?

    @Flag(help: "The same as --role owner.")
    var admin = false

    @Flag(help: "Does nothing where the login is taken.")
    var ifMissing = false

    @OptionGroup var password: PasswordInput

    func validate() throws {
        if role != nil, admin { throw ValidationError("give --role or --admin, not both") }
        guard SignUp.isLogin(login) else {
            let length = SignUp.loginLength
            throw ValidationError(
                "a login has \(length.lowerBound) to \(length.upperBound) letters from A to Z, digits, or . _ @ + -")
        }
    }

    func run() throws {
        let password = try password.read(for: login)
        let signUp = SignUp(
            login: login, password: password, name: login, role: role ?? (admin ? .owner : .customer))
        do {
            let user = try options.administer { try $0.create(signUp) }
            print("\(user.role.rawValue) \(user.login) has the id \(user.id.value)")
        } catch ShopError.loginTaken where ifMissing {
            print("the login \(login) is there already; nothing was changed")
        } catch ShopError.loginTaken {
            throw SettingError("the login \(login) is taken")
        }
    }
}
