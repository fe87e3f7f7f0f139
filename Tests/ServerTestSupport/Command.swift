import Foundation
import TestSupport

/// The `jangteo` that was built with the tests.
public enum Jangteo {
    /// Beside the program that runs the tests.
    public static let path: String = {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appendingPathComponent("jangteo").path
    }()

    /// The result of a finished run.
    public struct Outcome: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String

        public var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// Runs it to its end.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", within seconds: Double = 20
    ) throws -> Outcome {
        let folder = try TemporaryFolder()
        try Data(input.utf8).write(to: URL(fileURLWithPath: folder("in")))
        let file = open(folder("in"), O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let process = try ChildProcess(
            path, arguments, environment: environment, input: file, output: folder("out"), errors: folder("err"))
        let status = try process.wait(seconds: seconds)
        return Outcome(status: status, output: try text(folder("out")), errors: try text(folder("err")))
    }

    /// Runs it to its end; throws when it fails.
    @discardableResult
    public static func mustRun(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) throws -> String {
        let outcome = try run(arguments, environment: environment, input: input)
        guard outcome.status == 0 else {
            throw Failure("jangteo \(arguments.joined(separator: " ")): \(outcome.status): \(outcome.errors)")
        }
        return outcome.output
    }
}

/// A file's text.
public func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
}

/// Writes a file.
public func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    guard chmod(path, mode) == 0 else { throw Failure("chmod \(path)") }
}

/// The folder of the package.
public let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
