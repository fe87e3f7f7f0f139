import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// The same shop as a CGI program, under a real CGI server.
struct CGITests {
    @Test func `the shop answers under a CGI server`() throws {
        try Stack.run({
            $0.starts = false
            // What nginx tells a CGI server beyond what it tells a responder.
            $0.nginxChanges = [
                "fastcgi_keep_conn on;":
                    "fastcgi_keep_conn off; fastcgi_param SCRIPT_FILENAME $document_root/jangteo.cgi; "
                    + "fastcgi_param GATEWAY_INTERFACE CGI/1.1; fastcgi_param SERVER_PROTOCOL $server_protocol;",
                "set $hsts \"\";": "set $hsts \"\"; root .;",
            ]
        }) { stack in
            try write(
                "#!/bin/sh\nexec '\(Jangteo.path)' cgi --data '\(stack.data)'\n", to: stack.folder("jangteo.cgi"),
                mode: 0o755)
            let server = try ChildProcess(
                "fcgiwrap", ["-f", "-c", "1", "-s", "unix:\(stack.socket)"], errors: stack.logPath)
            defer { server.end() }
            try eventually("fcgiwrap listens") { (try? Wire(path: stack.socket)) != nil }  // refused until it does

            let customer = stack.customer()
            #expect(try customer.get("/balance").text == #"{"userId":2,"amount":0}"#)
            let charged = try customer.post("/balance/charges", #"{"amount":5000}"#, key: "once")
            #expect(charged.status == 201)
            #expect(charged.text == #"{"entryId":1,"amount":5000,"balance":5000}"#)
            let again = try customer.post("/balance/charges", #"{"amount":5000}"#, key: "once")
            #expect(again["Idempotent-Replayed"] == "true")
            let head = try customer.send("HEAD", "/balance")
            #expect(head.status == 200)
            #expect(head["Content-Length"] == "\(#"{"userId":2,"amount":5000}"#.utf8.count)")
            #expect(head.body.isEmpty)
            let refused = try customer.post("/balance/charges", #"{"amount":1}"#)
            #expect(refused.status == 422)
            #expect(refused.code == "charge_below_minimum")
            #expect(try stack.visitor().get("/nowhere").status == 404)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `it answers one request from the environment`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.starts = false
        }) { stack in
            let body = #"{"amount":1000}"#
            let environment = [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/api/v1/balance/charges",
                "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "\(body.utf8.count)",
                "HTTP_AUTHORIZATION": "Bearer \(stack.tokens[0])",
            ]
            let outcome = try Jangteo.run(
                ["cgi", "--data", stack.data], environment: environment, input: body + "what comes behind is left alone"
            )
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("Status: 201 Created\r\n"))
            #expect(outcome.output.hasSuffix("\r\n\r\n" + #"{"entryId":1,"amount":1000,"balance":1000}"#))
        }
    }

    @Test func `a view under CGI is counted`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.starts = false
        }) { stack in
            try Jangteo.mustRun(["demo", "--products", "1", "--data", stack.data])
            for _ in 0..<2 {
                let outcome = try Jangteo.run(
                    ["cgi", "--data", stack.data],
                    environment: ["REQUEST_METHOD": "GET", "REQUEST_URI": "/api/v1/products/1"])
                #expect(outcome.output.hasPrefix("Status: 200 OK\r\n"))
            }
            #expect(try stack.number("SELECT views FROM products") == 2)
        }
    }
}
