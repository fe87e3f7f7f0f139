import ArgumentParser
import Shop

struct ChangePassword: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Gives an account a new password, ends its sessions and lets its owner log in at once.")

    @OptionGroup var user: UserOptions

    @OptionGroup var password: PasswordInput

    func run() throws {
        let password = try password.read(for: user.login)
        let ended = try user.administer { try $0.setPassword(of: user.login, to: password) }
        print("the password of \(user.login) is changed; \(sessions(ended)) ended")
    }
}
