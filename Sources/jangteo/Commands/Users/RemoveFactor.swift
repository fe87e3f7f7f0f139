import ArgumentParser
import Shop

struct RemoveFactor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-factor",
        abstract: "Removes the second factor of somebody who has lost it, and ends the account's sessions.")

    @OptionGroup var user: UserOptions

    func run() throws {
        let removed = try user.administer { try $0.removeSecondFactor(of: user.login) }
        print(
            removed
                ? "\(user.login) logs in with the password alone, until there is a new second factor"
                : "\(user.login) has no second factor; nothing was changed")
    }
}
