import ArgumentParser
import Shop

struct ListRoles: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "Shows what each role may do, with tabs between.")

    func run() {
        print((["may"] + Role.allCases.map(\.rawValue)).joined(separator: "\t"))
        for permission in Permission.allCases {
            let marks = Role.allCases.map { $0.permissions.contains(permission) ? "yes" : "-" }
            print(([permission.rawValue] + marks).joined(separator: "\t"))
        }
    }
}
