import ServerTestSupport
import TestSupport
import Testing

/// Each endpoint's whole answer, header fields included: one success and one refusal. Accounts and balance.
struct AccountAnswerTests {
    @Test func `signing up answers the account`() throws {
        try Stack.run { stack in
            let input = #"{"login":"Kim.Haneul","password":"correct horse","name":"김하늘"}"#
            expect(
                try stack.visitor().post("/users", input),
                is: Expected.json(
                    201, #"{"id":102,"login":"Kim.Haneul","name":"김하늘","role":"customer","createdAt":"<time>"}"#))
            expect(
                try stack.visitor().post("/users", input),
                is: Expected.problem(409, "login_taken", "이미 쓰이는 아이디입니다"))
        }
    }

    @Test func `the own account needs a token`() throws {
        try Stack.run { stack in
            expect(
                try stack.customer().get("/users/me"),
                is: Expected.json(
                    200, #"{"id":2,"login":"user000000002","name":"손님 2","role":"customer","createdAt":"<time>"}"#))
            expect(try stack.visitor().get("/users/me"), is: Expected.unauthenticated)
        }
    }

    @Test func `logging in answers a token`() throws {
        try Stack.run { stack in
            let visitor = stack.visitor()
            try visitor.must(
                201, visitor.post("/users", #"{"login":"haneul","password":"correct horse","name":"김하늘"}"#))
            let answer = try visitor.post("/tokens", #"{"login":"HANEUL","password":"correct horse"}"#)
            expect(answer, is: Expected.json(201, #"{"token":"<token>","expiresAt":"<time>"}"#))
            let haneul = Caller(visitor.client, token: answer.json["token"].text)
            #expect(try haneul.get("/users/me").json["login"] == .text("haneul"))

            let wrong = Expected.problem(
                401, "invalid_credentials", "아이디 또는 비밀번호가 맞지 않습니다", #"WWW-Authenticate: Bearer realm="jangteo""#)
            expect(try visitor.post("/tokens", #"{"login":"haneul","password":"wrong"}"#), is: wrong)
            expect(try visitor.post("/tokens", #"{"login":"nobody","password":"wrong"}"#), is: wrong)
        }
    }

    @Test func `a revoked token is no longer valid`() throws {
        try Stack.run { stack in
            let customer = stack.customer()
            expect(
                try customer.send("DELETE", "/tokens/current"),
                is: Expected.answer(204, ["Cache-Control: no-store"]))
            expect(try customer.send("DELETE", "/tokens/current"), is: Expected.unauthenticated)
        }
    }

    @Test func `the balance is a number of won`() throws {
        try Stack.run { stack in
            expect(try stack.customer().get("/balance"), is: Expected.json(200, #"{"userId":2,"amount":0}"#))
            expect(try stack.visitor().get("/balance"), is: Expected.unauthenticated)
        }
    }

    @Test func `a charge answers its entry and the balance after it`() throws {
        try Stack.run { stack in
            let customer = stack.customer()
            try customer.charge(1_000)
            expect(
                try customer.post("/balance/charges", #"{"amount":29500}"#),
                is: Expected.json(201, #"{"entryId":2,"amount":29500,"balance":30500}"#))
            expect(
                try customer.post("/balance/charges", #"{"amount":999}"#),
                is: Expected.problem(
                    422, "charge_below_minimum", "충전 금액이 너무 적습니다", detail: "한 번에 1,000원 이상 충전할 수 있습니다."))
            #expect(try customer.balance() == 30_500)
        }
    }

    @Test func `the entries come newest first in pages`() throws {
        try Stack.run { stack in
            let customer = stack.customer()
            for amount in [1_000, 2_000, 3_000] { try customer.charge(amount) }
            let page = try customer.get("/balance/entries?limit=2")
            let cursor = try required(page.json["nextCursor"].text, "a second page")
            let charge = #""kind":"charge","amount""#
            let end = #""orderId":null,"createdAt":"<time>","reason":null}"#
            expect(
                page,
                is: Expected.json(
                    200,
                    #"{"items":[{"id":3,\#(charge):3000,"balance":6000,\#(end),"#
                        + #"{"id":2,\#(charge):2000,"balance":3000,\#(end)],"nextCursor":"\#(cursor)"}"#))
            expect(
                try customer.get("/balance/entries?limit=2&cursor=\(cursor)"),
                is: Expected.json(
                    200, #"{"items":[{"id":1,\#(charge):1000,"balance":1000,\#(end)],"nextCursor":null}"#))
            // Another customer's cursor does not belong to this list.
            expect(
                try stack.customer(1).get("/balance/entries?limit=2&cursor=\(cursor)"),
                is: Expected.invalid(["cursor": "이 목록의 커서가 아닙니다."]))
        }
    }
}
