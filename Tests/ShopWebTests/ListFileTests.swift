import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Lists as files: all of the list, in pieces, and only so many at once.
struct ListFileTests {
    private struct Stopped: Error {}

    private func file(of count: Int, _ read: @escaping @Sendable (Int) throws -> Void = { _ in }) -> ListFile<Int, Int>
    {
        ListFile(name: "numbers", columns: ["number"]) { after, limit in
            let begin = (after ?? 0) + 1
            try read(begin)
            let items = Array((begin..<max(begin, count + 1)).prefix(limit + 1))
            return ListPart(ListPage(fetched: items, limit: limit)) { $0 }
        } row: { csv, number in
            csv.number(Int64(number))
            csv.endRow()
        }
    }

    private func text(_ response: Response) throws -> String {
        var bytes = response.body
        try response.rest?.write { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [0, 1, 24, 25, 26, 50, 51, 234])
    func `the whole list is in it, once`(_ count: Int) throws {
        let response = try file(of: count).response(Downloads())
        #expect(response.status == .ok)
        #expect(response.fields[.contentType] == "text/csv; charset=utf-8; header=present")
        #expect(response.fields[.contentDisposition] == "attachment; filename=\"numbers.csv\"")
        #expect((response.rest != nil) == (count > ListFile<Int, Int>.rowsPerPiece))
        let lines = ["\u{feff}number"] + (1..<(count + 1)).map { String($0) }
        #expect(try text(response) == lines.map { $0 + "\r\n" }.joined())
    }

    @Test func `parts in which nothing is found do not end it`() throws {
        let found = [3: [7], 5: [8, 9]]
        let file = ListFile<Int, Int>(name: "numbers", columns: ["number"]) { after, _ in
            let part = after ?? 0
            return ListPart(items: found[part] ?? [], next: part < 6 ? part + 1 : nil)
        } row: { csv, number in
            csv.number(Int64(number))
            csv.endRow()
        }
        let response = try file.response(Downloads())
        #expect(response.rest != nil)
        #expect(try text(response) == "\u{feff}number\r\n7\r\n8\r\n9\r\n")
        // An empty piece would be the end of it on the way to the client.
        try file.response(Downloads()).rest?.write { #expect(!$0.isEmpty) }
    }

    @Test func `it breaks off where it can no longer be read`() throws {
        let piece = ListFile<Int, Int>.rowsPerPiece
        let response = try file(of: 4 * piece) { if $0 > 2 * piece { throw Stopped() } }.response(Downloads())
        var pieces = 0
        #expect(throws: Stopped.self) { try response.rest?.write { _ in pieces += 1 } }
        #expect(pieces == 1)
        #expect(throws: Stopped.self) { try file(of: 4 * piece) { _ in throw Stopped() }.response(Downloads()) }
    }

    @Test func `only so many are made at once, and one that is over makes room`() throws {
        let downloads = Downloads()
        var running = try (0..<Downloads.most).map { _ in try file(of: 1_000).response(downloads) }
        let refused = #expect(throws: UnavailableError.self) { try file(of: 1).response(downloads) }
        #expect(refused?.isOutcomeKnown == true)
        running.removeLast()
        // A short one is over at once.
        for _ in 0..<3 { #expect(try file(of: 1).response(downloads).rest == nil) }
        running.append(try file(of: 1_000).response(downloads))
        #expect(throws: UnavailableError.self) { try file(of: 1).response(downloads) }
        #expect(running.count == Downloads.most)
    }

    @Test func `the trace as a file tells of each change`() throws {
        let pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "주인", role: .owner))
        let token = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        let apple = try pages.shop.product()
        _ = try pages.shop.change(apple, name: "=사과, \"햇것\"\n한 상자", price: 2_000)
        let response = pages.get("/admin/trace.csv?subject=product&subjectId=\(apple.value)", as: token)
        let lines = try text(response).split(separator: "\r\n")
        #expect(
            lines.first
                == "\u{feff}id,at,login,role,way,address,action,subject,subject_id,field,before,after")
        #expect(lines.dropFirst().count == 2)
        #expect(lines.last?.hasSuffix(",product-changed,product,\(apple.value),price,1000,2000") == true)
        #expect(lines[1].hasSuffix(",name,사과,\"'=사과, \"\"햇것\"\"\n한 상자\""))
        #expect(pages.get("/admin/trace", as: token).html.contains("href=\"/admin/trace.csv\""))
        let wrong = pages.get("/admin/trace.csv?subject=product", as: token)
        #expect(wrong.status == .unprocessableContent)
    }
}
