import Foundation
import ServerTestSupport
import Testing

/// What a sysadmin does with accounts, beside a running shop.
struct UsersCommandTests {
    private func users(_ stack: Stack, _ arguments: String..., password: String = "") throws -> Jangteo.Outcome {
        try Jangteo.run(
            ["users"] + arguments + ["--data", stack.data], environment: ["JANGTEO_PASSWORD_COST": "4"],
            input: password + "\n")
    }

    /// The account's line of the list.
    private func listed(_ stack: Stack, _ login: String) throws -> [Substring] {
        let lines = try users(stack, "list").output.split(separator: "\n").map { $0.split(separator: "\t") }
        return try #require(lines.first { $0.first == login[...] })
    }

    private func logIn(_ stack: Stack, _ password: String, as login: String = "boss") throws -> Caller? {
        let visitor = stack.visitor()
        let answer = try visitor.post("/tokens", #"{"login":"\#(login)","password":"\#(password)"}"#)
        guard answer.status == 201 else { return nil }
        return Caller(visitor.client, token: answer.json["token"].text)
    }

    @Test func `an admin's lost password can be replaced`() throws {
        try Stack.run { stack in
            #expect(
                try users(stack, "create", "boss", "--admin", "--password-stdin", password: "open sesame").status == 0)
            let before = try #require(try logIn(stack, "open sesame"))
            #expect(try before.get("/users/me").status == 200)

            let changed = try users(stack, "password", "boss", "--password-stdin", password: "battery staple")
            #expect(changed.output == "the password of boss is changed; 1 session ended\n", "\(changed.errors)")
            #expect(try before.get("/users/me").status == 401)
            #expect(try logIn(stack, "open sesame") == nil)
            let after = try #require(try logIn(stack, "battery staple"))
            #expect(try after.get("/users/me").json["role"] == .text("owner"))
        }
    }

    @Test func `an admin is made a customer and the account closed`() throws {
        try Stack.run { stack in
            #expect(
                try users(stack, "create", "boss", "--admin", "--password-stdin", password: "open sesame").status == 0)
            let admin = try #require(try logIn(stack, "open sesame"))
            #expect(try admin.get("/users/me").status == 200)
            let role = try users(stack, "role", "boss", "customer")
            #expect(role.output == "boss is customer now; 1 session ended\n", "\(role.errors)")
            #expect(try admin.get("/users/me").status == 401)

            let customer = try #require(try logIn(stack, "open sesame"))
            #expect(try customer.get("/users/me").json["role"] == .text("customer"))
            #expect(try users(stack, "sessions", "boss").output.split(separator: "\n").count == 2)
            #expect(try users(stack, "sessions", "boss", "--end").output == "1 session of boss ended\n")
            #expect(try customer.get("/users/me").status == 401)

            #expect(try users(stack, "close", "boss").output == "the account boss is closed; 0 sessions ended\n")
            #expect(try logIn(stack, "open sesame") == nil)
            let list = try users(stack, "list").output.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(list.count == 103)
            #expect(list.first == ["login", "role", "second factor", "made", "last used", "closed"])
            #expect(list.last?.prefix(3) == ["boss", "customer", "-"])
            #expect(list.last?.last != "-")
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `staff do what their role may, and each change is told`() throws {
        try Stack.run { stack in
            #expect(
                try users(stack, "create", "boss", "--role", "manager", "--password-stdin", password: "open sesame")
                    .output == "manager boss has the id 102\n")
            let manager = try #require(try logIn(stack, "open sesame"))
            let product = try manager.addProduct(price: 1_000)
            #expect(try users(stack, "role", "boss", "reader").status == 0)
            let reader = try #require(try logIn(stack, "open sesame"))
            for (method, path) in [
                ("POST", "/admin/products"), ("PATCH", "/admin/products/\(product)"), ("POST", "/admin/coupons"),
                ("POST", "/admin/orders/1/refund"), ("GET", "/admin/trace"),
            ] {
                #expect(try reader.send(method, path, "{}").status == 403, "\(method) \(path)")
            }
            let trace = try stack.admin().get("/admin/trace?limit=3")
            let lines = trace.json["items"].items
            #expect(lines.map { $0["action"].text } == ["role-changed", "product-added", "account-created"])
            #expect(lines.map { $0["way"].text } == ["shell", "program", "shell"])
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `a role is one of those that there are`() throws {
        let wrong = try Jangteo.run(["users", "create", "boss", "--role", "admin", "--password-stdin"])
        #expect(wrong.status == 64)
        #expect(wrong.errors.contains("'customer', 'reader', 'support', 'manager' or 'owner'"), "\(wrong.errors)")
        let both = try Jangteo.run(["users", "create", "boss", "--role", "owner", "--admin", "--password-stdin"])
        #expect(both.errors.contains("give --role or --admin, not both"), "\(both.errors)")
        let table = try Jangteo.run(["users", "roles"]).output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(table.first == ["may", "customer", "reader", "support", "manager", "owner"])
        #expect(table.dropFirst().allSatisfy { $0[1] == "-" && $0[5] == "yes" })
        #expect(table.last == ["manage-accounts", "-", "-", "-", "-", "yes"])
    }

    @Test func `the manual has the same table of roles`() throws {
        let manual = try String(contentsOfFile: packageFolder + "/deploy/README.md", encoding: .utf8)
        let rows = manual.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\| `([a-z-]+)`: [^|]*\|(.*)\|$/)?.output
        }
        let written = rows.map { row in
            let cells = row.2.split(separator: "|", omittingEmptySubsequences: false)
            return [String(row.1)] + cells.map { $0.contains("yes") ? "yes" : "-" }
        }
        let table = try Jangteo.run(["users", "roles"]).output.split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: "\t").map(String.init)
            return [cells[0]] + cells.dropFirst(2)  // customers have no column
        }
        #expect(table.count > 4)
        #expect(written == table)
    }

    @Test func `a user who waits after wrong passwords can be let in at once`() throws {
        try Stack.run { stack in
            #expect(try users(stack, "create", "boss", "--password-stdin", password: "open sesame").status == 0)
            for _ in 0..<12 { #expect(try logIn(stack, "wrong") == nil) }
            let unlocked = try users(stack, "unlock", "boss")
            #expect(unlocked.output.hasPrefix("boss can log in at once; "), "\(unlocked.errors)")
            #expect(try logIn(stack, "open sesame") != nil)
        }
    }

    @Test func `who has lost the phone logs in with the password alone, and the trace says by whom`() throws {
        try Stack.run { stack in
            let made = try users(
                stack, "create", "kim", "--role", "manager", "--password-stdin", password: "open sesame")
            #expect(made.status == 0, "\(made.errors)")
            let before = try #require(try logIn(stack, "open sesame", as: "kim"))
            try stack.sql().run(
                "INSERT INTO second_factors SELECT id, randomblob(20), 1700000000000, 0 FROM users WHERE login = 'kim'")
            #expect(try logIn(stack, "open sesame", as: "kim") == nil)
            #expect(try listed(stack, "kim").prefix(3) == ["kim", "manager", "2023-11-14T22:13:20Z"])
            let removed = try users(stack, "remove-factor", "KIM")
            #expect(removed.output == "the second factor of KIM is removed; 1 session ended\n", "\(removed.errors)")
            #expect(try before.get("/users/me").status == 401)
            #expect(try logIn(stack, "open sesame", as: "kim") != nil)
            #expect(try listed(stack, "kim").prefix(3) == ["kim", "manager", "-"])
            let again = try users(stack, "remove-factor", "kim")
            #expect(again.output == "kim has no second factor; nothing was changed\n", "\(again.errors)")
            #expect(again.status == 0)
            let lines = try stack.admin().get("/admin/trace?limit=2").json["items"].items
            #expect(lines.map { $0["action"].text } == ["second-factor-removed", "account-created"])
            #expect(lines.allSatisfy { $0["way"].text == "shell" })
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `an account is made only where it is missing`() throws {
        try Stack.run { stack in
            for password in ["open sesame", "battery staple"] {
                let made = try users(stack, "create", "boss", "--if-missing", "--password-stdin", password: password)
                #expect(made.status == 0, "\(made.errors)")
            }
            #expect(try logIn(stack, "battery staple") == nil)
            #expect(try logIn(stack, "open sesame") != nil)
        }
    }

    @Test(arguments: [
        ["password", "nobody", "--password-stdin"], ["role", "nobody", "owner"], ["close", "nobody"],
        ["sessions", "nobody"], ["unlock", "nobody"], ["remove-factor", "nobody"],
    ])
    func `an unknown login is reported in one line`(arguments: [String]) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            let outcome = try Jangteo.run(
                ["users"] + arguments + ["--data", stack.data], environment: ["JANGTEO_PASSWORD_COST": "4"],
                input: "open sesame\n")
            #expect(outcome.status == 1)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("nobody has the login nobody"))
        }
    }
}
