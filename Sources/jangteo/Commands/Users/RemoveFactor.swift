import ArgumentParser
import Shop

struct RemoveFactor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-factor",
        abstract: "Removes the second factor of somebody who has lost it, and ends the account's sessions.")

    @OptionGroup var user: UserOptions

    func run() throws {
        do {
            let ended = try user.administer { try $0.removeSecondFactor(of: user.login) }
            print("the second factor of \(user.login) is removed; \(sessions(ended)) ended")
        } catch ShopError.secondFactorNotFound {
            // What is asked for is so.
            print("\(user.login) has no second factor; nothing was changed")
        }
    }
}
