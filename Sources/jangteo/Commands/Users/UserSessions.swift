import ArgumentParser
import Shop

struct UserSessions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Lists an account's sessions, the newest first: when each began and was used last, and from where.")

    /// Nobody reads more than this.
    private static let limit = 1_000

    @OptionGroup var user: UserOptions

    @Flag(help: "Ends them all.")
    var end = false

    func run() throws {
        if end {
            let ended = try user.administer { try $0.endSessions(of: user.login) }
            return print("\(sessions(ended)) of \(user.login) ended")
        }
        let found = try user.administer { try $0.sessions(of: user.login, limit: Self.limit) }
        print("begun", "last used", "device", "from", separator: "\t")
        for session in found {
            let device = session.device.map { $0.isEmpty ? "program" : $0 }
            print(
                session.createdAt.listed, session.lastUsedAt.listed, device ?? "-", session.network ?? "-",
                separator: "\t")
        }
    }
}
