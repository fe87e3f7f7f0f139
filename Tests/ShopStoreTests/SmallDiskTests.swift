import Foundation
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// A real file system of one MiB that fills up, and one that is read-only. Mounting takes root.
@Suite(.enabled(if: geteuid() == 0, "mounting a small file system takes root: disk full is not tested for real"))
struct SmallDiskTests {
    let disk: MountedDisk

    init() throws { disk = try MountedDisk(mebibytes: 1) }

    private func open() throws -> SQLiteStore {
        try SQLiteStore(path: disk.file("shop.db"), options: .test, logger: .silent)
    }

    private func add(_ store: SQLiteStore, _ login: String) throws -> User {
        try store.write { tx in
            try tx.accounts.add(
                SignUp(login: login, password: "", name: String(repeating: "긴", count: 200)), passwordHash: nil,
                at: TestClock.start)
        }
    }

    @Test func `on a full disk writes are unavailable, what was answered stays, and with room it goes on`() throws {
        try makeDatabase(disk.file("shop.db"))
        let store = try open()
        defer { store.close() }
        var answered: [UserID] = []
        var refusals = 0
        while refusals < 5, answered.count < 5_000 {
            do {
                answered.append(try add(store, "user\(answered.count)-\(refusals)").id)
            } catch is UnavailableError {
                refusals += 1
            }
        }
        #expect(refusals == 5)
        #expect(answered.count > 10)
        // Reading goes on.
        #expect(try store.read { tx in try answered.allSatisfy { try tx.accounts.find($0) != nil } })
        #expect(
            try store.read { tx in try tx.sql.rows(of: "SELECT count(*) FROM users") } == [["\(answered.count)"]])
        try disk.resize(mebibytes: 8)
        _ = try add(store, "later")
        #expect(try store.read { tx in try tx.sql.rows(of: "PRAGMA integrity_check") } == [["ok"]])
        #expect(try Audit.differences(path: disk.file("shop.db")).isEmpty)
    }

    @Test func `a database on a read-only file system is refused when it is opened`() throws {
        try makeDatabase(disk.file("shop.db"))
        try disk.remount("ro")
        defer { #expect(throws: Never.self) { try disk.remount("rw") } }
        #expect(throws: (any Error).self) { try open() }
    }
}

/// A file system in memory, mounted as long as this lives.
final class MountedDisk: Sendable {
    private let folder: TemporaryFolder

    init(mebibytes: Int) throws {
        folder = try TemporaryFolder()
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "jangteo-test", folder.path)
    }

    func file(_ name: String) -> String { folder(name) }
    func resize(mebibytes: Int) throws { try remount("size=\(mebibytes)m") }
    func remount(_ options: String) throws { try Self.run("mount", "-o", "remount,\(options)", folder.path) }

    deinit {
        // Lazily, in case a connection is still open: it is gone with the process at the latest.
        #expect(throws: Never.self) { try Self.run("umount", "-l", folder.path) }
    }

    private static func run(_ command: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command)")
    }
}
