import Foundation
import ServerTestSupport
import Testing

/// A sysadmin's commands, beside a running shop.
struct CommandTests {
    @Test func `bulk users have the tokens in the file in the order of their ids`() throws {
        try Stack.run { stack in
            let file = stack.folder("tokens")
            try write("what was there, for everybody to read", to: file, mode: 0o644)
            let outcome = try stack.jangteo("demo", "--users", "25", "--balance", "7000", "--tokens", file)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            let tokens = try text(file).split(separator: "\n")
            #expect(tokens.count == 25)
            let client = stack.client()
            for (number, token) in tokens.enumerated() {
                let balance = try Caller(client, token: String(token)).get("/balance")
                #expect(balance.text == #"{"userId":\#(102 + number),"amount":7000}"#)
            }
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `bulk products and a coupon are sold at once`() throws {
        try Stack.run { stack in
            #expect(try stack.jangteo("demo", "--products", "50", "--coupon-quantity", "3").status == 0)
            let customer = stack.customer()
            #expect(try customer.get("/products?limit=100").json["items"].items.count == 50)
            #expect(try customer.get("/coupons").json["items"][0]["remaining"] == .integer(3))
            let mine = try customer.must(201, customer.post("/coupons/1/issue")).id()
            try customer.charge(100_000)
            let order = try customer.order(1, coupon: mine)
            try customer.must(201, customer.post("/orders/\(order)/payment"))
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `the demo shop has everything to look at`() throws {
        try Stack.run { stack in
            #expect(try stack.jangteo("demo").status == 0)
            let visitor = stack.visitor()
            #expect(try visitor.get("/products?limit=100").json["items"].items.count >= 40)
            let coupons = try visitor.get("/coupons").json["items"].items
            #expect(coupons.contains { $0["remaining"] == .integer(0) })
            #expect(coupons.contains { ($0["remaining"].integer ?? 0) > 0 })
            #expect(try stack.jangteo("popular").status == 0)
            #expect(try visitor.get("/products/popular").json["items"].items.count == 5)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test(arguments: [
        ["--users", "-1"], ["--products", "10000001"], ["--orders", "-1"], ["--orders", "5"],
        ["--orders", "5", "--order-days", "0"], ["--balance", "-5"],
        ["--tokens", "/nowhere/t"],
        ["--balance", "999"], ["--balance", "1000001"],
    ])
    func `an impossible demo is refused`(arguments: [String]) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            let outcome = try Jangteo.run(["demo", "--data", stack.data] + arguments)
            #expect(outcome.status != 0)
            #expect(!outcome.errors.isEmpty)
            #expect(try stack.number("SELECT count(*) FROM users") == 101)
        }
    }

    @Test(arguments: ["/proc/nothing", "/dev/null/shop"])
    func `a folder that cannot be made is refused in one line`(folder: String) throws {
        let outcome = try Jangteo.run(["migrate", "--data", folder])
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot make the folder \(folder)"))
    }

    private func create(_ stack: Stack, _ arguments: [String], password: String) throws -> Jangteo.Outcome {
        try Jangteo.run(
            ["users", "create"] + arguments + ["--data", stack.data], environment: ["JANGTEO_PASSWORD_COST": "4"],
            input: password + "\n")
    }

    @Test func `an account made here logs in`() throws {
        try Stack.run { stack in
            let outcome = try create(stack, ["boss", "--admin", "--password-stdin"], password: "open sesame")
            #expect(outcome.output == "owner boss has the id 102\n")
            let visitor = stack.visitor()
            let logIn = try visitor.must(201, visitor.post("/tokens", #"{"login":"boss","password":"open sesame"}"#))
            let boss = Caller(visitor.client, token: logIn.json["token"].text)
            #expect(try boss.get("/users/me").json["role"] == .text("owner"))

            let again = try create(stack, ["BOSS", "--password-stdin"], password: "open sesame")
            #expect(again.status != 0)
            #expect(again.errorLines.count == 1)
            #expect(again.errors.contains("is taken"))
        }
    }

    @Test(arguments: [
        (["kim"], "long enough"), (["kim", "--password-stdin"], "short"), (["k", "--password-stdin"], "long enough"),
        (["kim", "--password-stdin"], ""), (["kim", "--password-stdin"], "PassWord"),
        (["kim.haneul", "--password-stdin"], "kim.haneul"), (["kim", "--password-stdin"], "long\tenough"),
    ])
    func `an invalid account is refused`(arguments: [String], password: String) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            let outcome = try create(stack, arguments, password: password)
            #expect(outcome.status != 0)
            #expect(!outcome.errors.isEmpty)
            #expect(try stack.number("SELECT count(*) FROM users") == 101)
        }
    }

    @Test func `the API accepts a login made here`() throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            let outcome = try create(stack, ["kim;lee", "--password-stdin"], password: "long enough")
            #expect(outcome.status != 0)
        }
    }
}
