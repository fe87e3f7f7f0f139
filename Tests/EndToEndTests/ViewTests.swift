import Foundation
import SystemSupport
import Testing

/// Views are counted behind the answers, and none is lost by a stop.
struct ViewTests {
    @Test func viewsAreWrittenBehindTheAnswers() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            let visitor = stack.visitor()
            for _ in 0..<3 { try visitor.must(200, visitor.get("/products")) }
            try visitor.must(200, visitor.get("/products/\(product)"))
            try eventually("the views are there", within: 5) { try stack.number("SELECT views FROM products") == 4 }
            #expect(try visitor.get("/products/\(product)").json["views"] == .integer(4))
        }
    }

    @Test func aStopLosesNoView() throws {
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

    @Test func viewsWaitWhileTheDatabaseIsLocked() throws {
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
