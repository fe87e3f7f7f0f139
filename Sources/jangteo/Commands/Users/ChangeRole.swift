import ArgumentParser
import Shop

struct ChangeRole: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Makes an account a customer's or an admin's, and ends its sessions.")

    @OptionGroup var user: UserOptions

    @Argument(help: "customer, or admin, who manages products, coupons and refunds.")
    var role: Role

    func run() throws {
        let ended = try user.administer { try $0.setRole(of: user.login, to: role) }
        print("\(user.login) is \(role.rawValue) now; \(sessions(ended)) ended")
    }
}

extension Role: ExpressibleByArgument {}
