import Foundation
import SQLite
import ServerTestSupport

/// All rows of all tables, for comparing two databases.
func content(_ path: String) throws -> [String: [[String]]] {
    let sql = try Connection(path: path, access: .readOnly, busyTimeoutMilliseconds: 1_000)
    let tables = try sql.rows(of: "SELECT name FROM sqlite_schema WHERE type = 'table'").map { $0.joined() }
    var content = ["": [[try sql.pragma("user_version")]]]
    for table in tables { content[table] = try sql.rows(of: "SELECT * FROM \"\(table)\"").sorted { "\($0)" < "\($1)" } }
    return content
}

/// The names of a folder's files, sorted.
func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// Overwrites pages in the middle of a database that nobody has open.
func damage(_ path: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let middle = try file.seekToEnd() / 2
    try file.seek(toOffset: middle - middle % 4_096)
    try file.write(contentsOf: Data(repeating: 0x5a, count: 3 * 4_096))
    try file.close()
}

func damage(_ stack: Stack) throws {
    try stack.sql().checkpoint(.truncate)
    try damage(stack.database)
}
