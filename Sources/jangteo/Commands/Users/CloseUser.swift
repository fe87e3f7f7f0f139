import ArgumentParser
import Shop

struct CloseUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Closes an account for good: nobody logs in to it, its login stays taken, its orders stay.")

    @OptionGroup var user: UserOptions

    func run() throws {
        let ended = try user.administer { try $0.close(user.login) }
        print("the account \(user.login) is closed; \(sessions(ended)) ended")
    }
}
