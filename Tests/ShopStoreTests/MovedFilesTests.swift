import Foundation
import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// The database or its log is removed or replaced under a running shop: nothing is acknowledged that would be lost.
struct MovedFilesTests {
    enum What: CaseIterable { case removed, moved, replaced, folderMoved }

    let shop: TestShop
    let user: UserID
    let readiness: Readiness

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
        readiness = shop.readiness
    }

    private func happens(_ what: What, to path: String) throws {
        switch what {
        case .removed: unlink(path)
        case .moved: rename(path, path + ".moved")
        case .replaced:
            try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
            rename(path + ".copy", path)
        case .folderMoved: rename(shop.folder.path, shop.folder.path + ".moved")
        }
    }

    @Test(arguments: What.allCases, ["", "-wal"])
    func `nothing more is written, and the shop is not ready`(_ what: What, suffix: String) throws {
        _ = try shop.charge(1_000, user)
        #expect(readiness.check(within: 10) == .committed)
        try happens(what, to: shop.path + suffix)
        let refused = #expect(throws: UnavailableError.self) { try shop.charge(1_000, user) }
        #expect(refused?.cause == .replaced)
        #expect(refused?.isOutcomeKnown == true)
        guard case .refused(let reason, .replaced) = readiness.check(within: 10) else {
            Issue.record("it is called ready")
            return
        }
        #expect(reason.contains("is not the file that was opened"))
        #expect(try shop.balance(user) == 1_000, "who only looks is answered")
        if what == .folderMoved { rename(shop.folder.path + ".moved", shop.folder.path) }
    }

    @Test(arguments: ["", "-wal"])
    func `moved back, the shop goes on by itself`(suffix: String) throws {
        try happens(.moved, to: shop.path + suffix)
        #expect(throws: UnavailableError.self) { try shop.charge(1_000, user) }
        rename(shop.path + suffix + ".moved", shop.path + suffix)
        #expect(try shop.charge(1_000, user).balance == Won(1_000))
        #expect(readiness.check(within: 10) == .committed)
        #expect(try shop.audit() == [])
    }

    /// Like backups that hard-link unchanged files (`cp -al`, rsnapshot).
    @Test(arguments: ["", "-wal"])
    func `a hard link to a file stops nobody, and replaces none`(suffix: String) throws {
        let path = shop.path + suffix
        #expect(link(path, path + ".link") == 0)
        #expect(try shop.charge(1_000, user).balance == Won(1_000))
        #expect(readiness.check(within: 10) == .committed)
        unlink(path)
        let refused = #expect(throws: UnavailableError.self) { try shop.charge(1_000, user) }
        #expect(refused?.cause == .replaced)
        rename(path + ".link", path)
        #expect(try shop.charge(1_000, user).balance == Won(2_000))
    }

    @Test func `a commit made while the file went away is not acknowledged as certain`() throws {
        let path = shop.path
        let refused = #expect(throws: UnavailableError.self) {
            try shop.store.write { _ in _ = rename(path, path + ".moved") }
        }
        // A write without changes commits nothing; the files are checked all the same.
        #expect(refused?.isOutcomeKnown == false)
        rename(path + ".moved", path)
    }
}
