import ArgumentParser
import Shop

struct UnlockUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Lets who waits for a login after wrong passwords try again at once.")

    @OptionGroup var user: UserOptions

    func run() throws {
        let forgotten = try user.administer { try $0.unlock(user.login) }
        print("\(user.login) can log in at once; \(forgotten == 1 ? "1 count" : "\(forgotten) counts") forgotten")
    }
}
