import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// Views are counted behind the answers, and a stop loses none.
struct ViewTests {
    @Test func `views are written behind the answers`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            let visitor = stack.visitor()
            for _ in 0..<3 { try visitor.must(200, visitor.get("/products")) }
            try visitor.must(200, visitor.get("/products/\(product)"))
            try eventually("the views are there", within: 5) { try stack.number("SELECT views FROM products") == 4 }
            #expect(try visitor.get("/products/\(product)").json["views"] == .integer(4))
        }
    }

    @Test func `a stop loses no view`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            let other = try stack.admin().addProduct("배")
            try atOnce(16) { _ in
                let visitor = stack.visitor()
                for _ in 0..<25 {
                    try visitor.must(200, visitor.get("/products"))
                    try visitor.must(200, visitor.get("/products/\(product)"))
                }
            }
            #expect(try stack.stopResponder() == 0)
            #expect(try stack.number("SELECT views FROM products WHERE id = \(product)") == 16 * 25 * 2)
            #expect(try stack.number("SELECT views FROM products WHERE id = \(other)") == 16 * 25)
        }
    }

    @Test func `a stop in the middle of a load loses no view`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            let over = Flag()
            let load = Crowd(8) { _ in
                let visitor = stack.visitor()
                var shown = 0
                // nginx's answers once the responder is gone do not count.
                while !over.isRaised, try visitor.get("/products").status == 200 { shown += 1 }
                return shown
            }
            usleep(300_000)
            #expect(try stack.stopResponder() == 0)
            over.raise()
            let shown = try load.wait().reduce(0, +)
            #expect(shown > 100)
            #expect(try stack.number("SELECT views FROM products WHERE id = \(product)") == shown)
        }
    }

    @Test func `a stop waits for whoever holds the database`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "100"] }) { stack in
            _ = try stack.admin().addProduct()
            let visitor = stack.visitor()
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            for _ in 0..<7 { try visitor.must(200, visitor.get("/products")) }
            let responder = try stack.responder
            responder.send(SIGTERM)
            try eventually("it has tried in vain") { stack.log.contains("counts not written yet") }
            #expect(responder.exitStatus == nil)
            try other.execute("COMMIT")
            #expect(try responder.wait(seconds: 10) == 0)
            #expect(try stack.number("SELECT views FROM products") == 7)
        }
    }

    @Test func `a stop that cannot count the views says so`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "100"] }) { stack in
            _ = try stack.admin().addProduct()
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            try stack.visitor().must(200, stack.visitor().get("/products"))
            #expect(try stack.stopResponder() == 1)
            #expect(stack.log.contains("stopped with views uncounted"))
        }
    }

    @Test func `the popular list counts no views`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            #expect(try stack.jangteo("popular").status == 0)
            let visitor = stack.visitor()
            for _ in 0..<3 { try visitor.must(200, visitor.get("/products/popular")) }
            try visitor.must(200, visitor.get("/products/\(product)"))
            #expect(try stack.stopResponder() == 0)
            #expect(try stack.number("SELECT views FROM products") == 1)
        }
    }

    @Test func `views wait while the database is locked`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "100"] }) { stack in
            _ = try stack.admin().addProduct()
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let visitor = stack.visitor()
            for _ in 0..<7 { try visitor.must(200, visitor.get("/products")) }
            try eventually("a try to write them has failed") { stack.log.contains("counts not written yet") }
            try other.execute("COMMIT")
            try eventually("they are written after all") { try stack.number("SELECT views FROM products") == 7 }
        }
    }
}
