import ArgumentParser
import Shop

struct ListUsers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the accounts: login, role, second factor, made, last used and closed, with tabs between.")

    /// How many are read at a time, which bounds the memory for a list of millions.
    private static let page = 1_000

    @OptionGroup var options: DataOptions

    func run() throws {
        try options.administer { administration in
            print("login", "role", "second factor", "made", "last used", "closed", separator: "\t")
            var last = UserID(0)
            while true {
                let accounts = try administration.accounts(after: last, limit: Self.page)
                for account in accounts {
                    let user = account.user
                    print(
                        user.login, user.role.rawValue, account.secondFactorSince?.listed ?? "-",
                        user.createdAt.listed, account.lastUsedAt?.listed ?? "-", account.closedAt?.listed ?? "-",
                        separator: "\t")
                    last = user.id
                }
                if accounts.count < Self.page { return }
            }
        }
    }
}
