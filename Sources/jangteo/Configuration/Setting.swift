import Configuration
import FoundationEssentials

/// An invalid setting, in one line that says what to do.
struct SettingError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Reads the settings from their sources; the first that has one wins: command line, environment, the files in `conf.d`
/// beside the file (the last by name first), the file, default. Remembers what it read, to be shown, and collects all
/// errors, so that one run finds them all.
final class SettingReader {
    /// One setting in force.
    struct Line {
        let name: String
        let value: String
        let source: String
    }

    private static let prefix = "JANGTEO_"

    private let sources: [(name: String, reader: ConfigReader)]
    private(set) var lines: [Line] = []
    private(set) var mistakes: [String] = []
    /// The names in the environment and the files that nothing has read yet.
    private var unknown: Set<String>

    /// - Parameter commandLine: keyed by setting (`threads`).
    init(commandLine: [String: String], configFile: String?) throws {
        let environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix(Self.prefix) }
        let path = configFile ?? environment["JANGTEO_CONFIG"]
        let files = try path.map(Self.files) ?? []
        let given = Dictionary(
            uniqueKeysWithValues: commandLine.map { (Self.variable($0.key), $0.value) })
        sources =
            [
                ("command line", Self.reader(given)), ("environment", Self.reader(environment)),
            ] + files.map { ($0.path, Self.reader($0.values)) }
        unknown = files.reduce(into: Set(environment.keys)) { $0.formUnion($1.values.keys) }
            .subtracting(["JANGTEO_CONFIG"])
    }

    /// The file and those in the folder `conf.d` beside it, for the sysadmin's changes: the first wins.
    private static func files(_ path: String) throws -> [(path: String, values: [String: String])] {
        let folder = Folder.path(of: path) + "/conf.d"
        let beside = FileManager.default.fileExists(atPath: folder) ? try names(in: folder) : []
        return try (beside.sorted(by: >).map { "\(folder)/\($0)" } + [path]).map { ($0, try parse(path: $0)) }
    }

    /// Skips hidden files, and those that editors and dpkg leave behind.
    private static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }
        } catch {
            throw SettingError("cannot read the folder of settings \(folder)")
        }
    }

    private static func reader(_ variables: [String: String]) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)).scoped(to: "jangteo")
    }

    static func variable(_ key: String) -> String {
        prefix + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// Lines `JANGTEO_NAME=value`, as in an environment file for systemd; `#` starts a comment line.
    private static func parse(path: String) throws -> [String: String] {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SettingError("cannot read the configuration file \(path)")
        }
        var values: [String: String] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy(\.isWhitespace) || line.first == "#" { continue }
            guard let equals = line.firstIndex(of: "="), line.hasPrefix(prefix) else {
                throw SettingError("\(path), line \(number + 1): expected JANGTEO_NAME=value or a comment")
            }
            var value = line[line.index(after: equals)...]
            if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
                value = value.dropFirst().dropLast()
            }
            values[String(line[..<equals])] = String(value)
        }
        return values
    }

    // MARK: Reading

    func text(_ key: String, default standard: String) -> String {
        value(key, default: standard) { $0 }
    }

    func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        value(key, default: standard, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default standard: Choice) -> Choice {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, default: standard, "one of: \(names)", shown: \.rawValue) { Choice(rawValue: $0) }
    }

    private func value<Value>(
        _ key: String, default standard: Value, _ expected: String = "", shown: (Value) -> String = { "\($0)" },
        parse: (String) -> Value?
    ) -> Value {
        let name = Self.variable(key)
        unknown.remove(name)
        for (source, reader) in sources {
            guard let text = reader.string(forKey: ConfigKey(key.split(separator: ".").map { String($0) })) else {
                continue
            }
            guard let value = parse(text) else {
                mistakes.append("\(name) is \"\(text)\" (\(source)): it has to be \(expected)")
                return standard
            }
            lines.append(Line(name: name, value: shown(value), source: source))
            return value
        }
        lines.append(Line(name: name, value: shown(standard), source: "default"))
        return standard
    }

    /// Adds an error if two settings, each valid on its own, contradict each other.
    func require(_ isSo: Bool, _ key: String, isAtMost other: String) {
        if !isSo { mistakes.append("\(Self.variable(key)) has to be at most \(Self.variable(other))") }
    }

    /// Throws all collected errors.
    func finish() throws {
        mistakes += unknown.sorted().map { "unknown setting \($0)" }
        if !mistakes.isEmpty { throw SettingError(mistakes.joined(separator: "\n")) }
    }
}
