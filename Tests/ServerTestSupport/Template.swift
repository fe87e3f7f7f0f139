import Foundation
import TestSupport

/// A database with users, made once for all tests: each copies it.
final class Template: Sendable {
    static let adminLogin = "admin"
    static let adminPassword = "a-secret-of-the-admin"
    static let customers = 100

    static let shared = Result { try Template() }

    private let folder: TemporaryFolder
    /// The tokens of the customers, whose ids start at 2; the admin's is 1.
    let tokens: [String]

    private init() throws {
        folder = try TemporaryFolder()
        let data = ["--data", folder.path]
        let cheap = ["JANGTEO_PASSWORD_COST": "4"]
        try Jangteo.mustRun(["migrate"] + data)
        try Jangteo.mustRun(
            ["users", "create", Self.adminLogin, "--admin", "--password-stdin"] + data, environment: cheap,
            input: Self.adminPassword + "\n")
        try Jangteo.mustRun(["demo", "--users", "\(Self.customers)", "--tokens", folder("tokens")] + data)
        tokens = try text(folder("tokens")).split(separator: "\n").map { String($0) }
        let made = folder
        Self.atExit.folder = made
        atexit { Template.atExit.folder?.remove() }
    }

    /// Written once, before anything can read it at exit.
    private final class AtExit: @unchecked Sendable { var folder: TemporaryFolder? }
    private static let atExit = AtExit()

    func copy(to data: String) throws {
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in ["shop.db", "shop.db-wal"] where FileManager.default.fileExists(atPath: folder(name)) {
            try FileManager.default.copyItem(atPath: folder(name), toPath: "\(data)/\(name)")
        }
    }
}
