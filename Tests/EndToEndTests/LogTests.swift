import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// What is logged: enough to find the request, and nothing secret.
struct LogTests {
    @Test func `each line has its priority and an error its request`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "100"] }) { stack in
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let refused = try stack.customer().post("/balance/charges", #"{"amount":1000}"#)
            try other.execute("COMMIT")
            #expect(refused.status == 503)
            #expect(try stack.stopResponder() == 0)

            let lines = stack.log.split(separator: "\n")
            #expect(lines.allSatisfy { $0.wholeMatch(of: /<[0-7]>.+/) != nil }, "\(stack.log)")
            let id = try required(refused["X-Request-Id"], "no request id")
            #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            let told = lines.filter { $0.contains("request=\(id)") }
            #expect(told.count == 1, "\(stack.log)")
            #expect(told.first?.hasPrefix("<4>unavailable: ") == true, "\(stack.log)")

            let access = try stack.accessLog().split(separator: "\n").map { try JSON(Array($0.utf8)) }
            let entry = try required(access.first { $0["request"] == .text(id) }, "nginx has not logged it")
            #expect(entry["status"] == .integer(503))
            #expect(entry["method"] == .text("POST"))
            #expect(entry["target"] == .text("/api/v1/balance/charges"))
        }
    }

    @Test func `no secret gets into a log`() throws {
        let password = "hunter2-hunter2"
        try Stack.run({
            $0.environment = ["JANGTEO_LOG_LEVEL": "trace", "JANGTEO_BUSY_MILLISECONDS": "100"]
        }) { stack in
            let visitor = stack.visitor()
            let login = #"{"login":"kim","password":"\#(password)"}"#
            try visitor.must(201, visitor.post("/users", #"{"login":"kim","password":"\#(password)","name":"김"}"#))
            let answer = try visitor.must(201, visitor.post("/tokens", login))
            let token = try required(answer.json["token"].text, "no token")
            try visitor.must(400, visitor.post("/tokens", login + login))
            try visitor.must(422, visitor.post("/tokens", #"{"login":"kim","password":["\#(password)"]}"#))
            let kim = Caller(visitor.client, token: token)
            let key = "a-key-that-nobody-guesses"
            func hidden(_ name: String, _ page: HTTPAnswer) throws -> String {
                let rest = try required(
                    String(decoding: page.body, as: UTF8.self).components(separatedBy: "name=\"\(name)\" value=\"")
                        .dropFirst().first, name)
                return String(rest.prefix { $0 != "\"" })
            }
            let cookie = ["Cookie": "session=\(token)"]
            let page = try kim.client.send("GET", "/balance", cookie)
            let (formToken, formKey) = try (hidden("csrf", page), hidden("key", page))
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            try kim.must(503, kim.post("/balance/charges", #"{"amount":1000}"#, key: key))
            try visitor.must(503, visitor.post("/tokens", login))
            let form = cookie.merging(["Content-Type": "application/x-www-form-urlencoded"]) { $1 }
            for fields in ["csrf=\(formToken)&key=\(formKey)&amount=1000", "csrf=x&key=\(formKey)&amount=1000"] {
                let answer = try kim.client.send("POST", "/balance/charges", form, body: Array(fields.utf8))
                #expect(answer.status == (fields.hasPrefix("csrf=x") ? 403 : 503))
            }
            try other.execute("COMMIT")
            #expect(try stack.stopResponder() == 0)
            let logs = try [stack.log, stack.accessLog(), text(stack.folder("error.log"))]
            #expect(!logs[0].isEmpty && !logs[1].isEmpty)
            for secret in [password, token, key, formToken, formKey] {
                #expect(logs.allSatisfy { !$0.contains(secret) })
            }
        }
    }

    @Test func `a command's failure is an error in the journal`() throws {
        let folder = try TemporaryFolder()
        let (journal, terminal) = (folder("journal"), folder("terminal"))
        let script = """
            "$1" audit --data "$2/none" 2>"$2/terminal"
            exec 2>"$2/journal"
            JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$1" audit --data "$2/none"
            """
        #expect(try ChildProcess("bash", ["-c", script, "bash", Jangteo.path, folder.path]).wait() != 0)
        #expect(try text(terminal).hasPrefix("Error: "))
        #expect(try text(journal) == "<3>" + text(terminal))
    }

    @Test func `what a client sends cannot start a line`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "100"] }) { stack in
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let direct = try stack.fastCGI()
            let parameters = [
                ("REQUEST_METHOD", "DELETE"), ("REQUEST_URI", "/api/v1/tokens/current"),
                ("REQUEST_ID", "x\n<0>the shop is on fire"), ("HTTP_AUTHORIZATION", "Bearer \(stack.tokens[0])"),
            ]
            try direct.wire.send(
                FastCGIRecord.begin() + FastCGIRecord.stream(FastCGIRecord.parameters, FastCGIRecord.pairs(parameters))
                    + FastCGIRecord.stream(FastCGIRecord.input, []))
            #expect(try direct.answer().status == 503)
            try other.execute("COMMIT")
            #expect(stack.log.contains("the shop is on fire"))
            #expect(!stack.log.contains("\n<0>"))
        }
    }
}
