import ArgumentParser
import Shop

struct ChangeRole: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Gives an account another role, and ends its sessions.")

    @OptionGroup var user: UserOptions

    @Argument(help: "What they may do from now on; jangteo users roles shows the table.")
    var role: Role

    func run() throws {
        let ended = try user.administer { try $0.setRole(of: user.login, to: role) }
        print("\(user.login) is \(role.rawValue) now; \(sessions(ended)) ended")
    }
}

extension Role: ExpressibleByArgument {}
