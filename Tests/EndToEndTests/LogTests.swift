import Foundation
import SystemSupport
import Testing

/// What is logged: enough to find the request, nothing that is secret.
struct LogTests {
    @Test func eachLineHasItsPriorityAndAnErrorItsRequest() throws {
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

    @Test func noSecretGetsIntoALog() throws {
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
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            try kim.must(503, kim.post("/balance/charges", #"{"amount":1000}"#))
            try visitor.must(503, visitor.post("/tokens", login))
            try other.execute("COMMIT")
            #expect(try stack.stopResponder() == 0)
            let logs = try [stack.log, stack.accessLog(), text(stack.folder("error.log"))]
            #expect(!logs[0].isEmpty && !logs[1].isEmpty)
            for secret in [password, token] { #expect(logs.allSatisfy { !$0.contains(secret) }) }
        }
    }

    @Test func whatAClientSendsBeginsNoLineOfItsOwn() throws {
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
