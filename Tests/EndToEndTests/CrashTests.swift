import Foundation
import ServerTestSupport
import Synchronization
import TestSupport
import Testing

/// Killed in the middle of everything: whatever was answered with success is there, and the books are right.
struct CrashTests {
    /// What customers were told had happened.
    private struct Promises: Sendable {
        var entries: [(user: Int64, id: Int64)] = []
        var coupons: [Int64] = []
        var orders: [Int64] = []
        var payments: [Int64] = []
    }

    @Test(arguments: 1...2)
    func `what was answered with success survives a kill`(round: Int) throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let product = try admin.addProduct(price: 1_500, stock: 1_000_000)
            let coupons = try (0..<4).map { _ in try admin.addCoupon(quantity: 60) }
            let promised = Mutex(Promises())
            let dead = Flag()
            let load = Crowd(24) { number in
                do {
                    try shop(stack.customer(number), product, coupons, promised, until: dead)
                } catch {
                    // After the kill nothing is answered; before it everything is.
                    if !dead.isRaised { throw error }
                }
            }
            try eventually("the load is on") { promised.withLock { $0.payments.count } > 150 * round }
            dead.raise()
            try stack.responder.end()
            _ = try load.wait()

            try stack.startResponder()
            try keepsPromises(promised.withLock { $0 }, stack)
            #expect(try stack.auditDifferences() == nil)
            try stack.customer(50).charge(1_000)
        }
    }

    private func shop(
        _ customer: Caller, _ product: Int64, _ coupons: [Int64], _ promised: borrowing Mutex<Promises>,
        until over: Flag
    ) throws {
        var turn = 0
        let user = try required(customer.must(200, customer.get("/balance")).json["userId"].integer, "no user")
        while !over.isRaised {
            let charge = try customer.must(201, customer.post("/balance/charges", #"{"amount":2000}"#))
            let entry = try required(charge.json["entryId"].integer, "no entry")
            promised.withLock { $0.entries.append((user, entry)) }
            if turn < coupons.count {
                let issued = try customer.post("/coupons/\(coupons[turn])/issue")
                if issued.status == 201 {
                    let id = try issued.id()
                    promised.withLock { $0.coupons.append(id) }
                }
            }
            let order = try customer.order(product)
            promised.withLock { $0.orders.append(order) }
            try customer.must(201, customer.post("/orders/\(order)/payment"))
            promised.withLock { $0.payments.append(order) }
            turn += 1
        }
    }

    private func keepsPromises(_ promises: Promises, _ stack: Stack) throws {
        let sql = try stack.sql()
        func rows(_ query: String) throws -> Set<String> {
            Set(try sql.rows(of: query).map { $0.joined(separator: " ") })
        }
        let entries = try rows("SELECT user_id, id FROM balance_entries WHERE kind = 'charge' AND amount = 2000")
        #expect(promises.entries.allSatisfy { entries.contains("\($0.user) \($0.id)") })
        let coupons = try rows("SELECT id FROM user_coupons")
        #expect(promises.coupons.allSatisfy { coupons.contains("\($0)") })
        let orders = try rows("SELECT id FROM orders")
        #expect(promises.orders.allSatisfy { orders.contains("\($0)") })
        let payments = try rows(
            "SELECT p.order_id FROM payments AS p JOIN orders AS o ON o.id = p.order_id WHERE o.status = 'completed'")
        #expect(promises.payments.allSatisfy { payments.contains("\($0)") })
    }

    @Test func `the audit runs beside the shop and finds what is wrong`() throws {
        try Stack.run { stack in
            let over = Flag()
            let load = Crowd(8) { number in
                let customer = stack.customer(number)
                while !over.isRaised { try customer.charge(1_000) }
            }
            for _ in 0..<3 { #expect(try stack.auditDifferences() == nil) }
            over.raise()
            _ = try load.wait()

            try stack.sql().execute("UPDATE balances SET amount = amount + 1 WHERE user_id = 3")
            let outcome = try stack.jangteo("audit")
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("user 3"))
            #expect(outcome.output.contains("1 differences"))
        }
    }
}
