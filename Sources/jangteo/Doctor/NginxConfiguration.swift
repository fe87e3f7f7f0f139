import FoundationEssentials
import Glibc

/// The part of nginx's configuration that says how it reaches the shop.
struct NginxConfiguration {
    /// A line, or a block and its lines.
    struct Directive {
        let words: [String]
        let block: [Directive]

        /// All directives of this name in the block, at any depth.
        func all(_ name: String) -> [Directive] {
            block.flatMap { ($0.words.first == name ? [$0] : []) + $0.all(name) }
        }
    }

    let path: String
    private let root: Directive

    /// Follows `include`. Throws a `CommandError` if a file cannot be read.
    init(path: String) throws {
        self.path = path
        root = Directive(words: [], block: try Self.read(path, in: Folder.path(of: path), depth: 0))
    }

    // MARK: Contents

    /// Whether any requests are passed to this socket.
    func reaches(_ socket: String) -> Bool {
        !upstreams(to: socket).isEmpty
            || root.all("fastcgi_pass").contains { $0.words.dropFirst().first == "unix:\(socket)" }
    }

    /// How many connections to the socket all workers together keep open.
    func keptConnections(to socket: String) -> Int {
        let each = upstreams(to: socket).compactMap { upstream in
            upstream.all("keepalive").last.flatMap { Int($0.words.dropFirst().first ?? "") }
        }
        return workers * each.reduce(0, +)
    }

    /// The user that its workers run as; nil if not specified.
    var user: String? { root.all("user").last?.words.dropFirst().first }

    /// The connections allowed per worker, to clients and to the shop.
    var connectionsOfWorker: Int { number("worker_connections") ?? 512 }

    /// The connections allowed for all workers.
    var connections: Int { workers * connectionsOfWorker }

    /// The files that a worker may have open; by default, what systemd allows any service.
    var descriptorsOfWorker: Int { number("worker_rlimit_nofile") ?? 1_024 }

    /// Its request logs in the shop's own format, without duplicates.
    var logsOfShops: [String] {
        let ours = root.all("access_log").map(\.words).filter { $0.count > 2 && ["jangteo", "json"].contains($0[2]) }
        return Set(ours.map { $0[1].hasPrefix("/") ? $0[1] : "\(Folder.path(of: path))/\($0[1])" }).sorted()
    }

    private func number(_ name: String) -> Int? {
        root.all(name).last.flatMap { Int($0.words.dropFirst().first ?? "") }
    }

    private var workers: Int {
        switch root.all("worker_processes").last?.words.dropFirst().first {
        case "auto": Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        case let number?: Int(number) ?? 1
        case nil: 1
        }
    }

    private func upstreams(to socket: String) -> [Directive] {
        root.all("upstream").filter { upstream in
            upstream.all("server").contains { $0.words.dropFirst().first == "unix:\(socket)" }
        }
    }

    // MARK: Reading

    private static func read(_ path: String, in folder: String, depth: Int) throws -> [Directive] {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandError("cannot read nginx's configuration \(path)")
        }
        // nginx itself would never finish with a file that includes itself; this does.
        guard depth < 10 else { throw CommandError("\(path) is included too deep") }
        var tokens = Tokens(text)
        return try tokens.block().flatMap { try included($0, in: folder, depth: depth) }
    }

    private static func included(_ directive: Directive, in folder: String, depth: Int) throws -> [Directive] {
        if directive.words.first == "include", directive.words.count == 2 {
            let pattern = directive.words[1]
            return try files(pattern.hasPrefix("/") ? pattern : "\(folder)/\(pattern)").flatMap {
                try read($0, in: folder, depth: depth + 1)
            }
        }
        let block = try directive.block.flatMap { try included($0, in: folder, depth: depth) }
        return [Directive(words: directive.words, block: block)]
    }

    private static func files(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }

    /// Words, `;`, `{` and `}`.
    private struct Tokens {
        private var rest: Substring

        init(_ text: String) { rest = text[...] }

        /// The directives up to the end of the block.
        mutating func block() -> [Directive] {
            var directives: [Directive] = []
            var words: [String] = []
            while let token = next() {
                switch token {
                case .word(let word): words.append(word)
                case .end:
                    directives.append(Directive(words: words, block: []))
                    words = []
                case .open:
                    directives.append(Directive(words: words, block: block()))
                    words = []
                case .close: return directives
                }
            }
            return directives
        }

        private enum Token {
            case word(String)
            case end, open, close
        }

        private mutating func next() -> Token? {
            while let first = rest.first {
                switch first {
                case _ where first.isWhitespace: rest.removeFirst()
                case "#": rest = rest.drop { !$0.isNewline }
                case ";": return take(.end)
                case "{": return take(.open)
                case "}": return take(.close)
                case "\"", "'": return .word(quoted(by: first))
                default: return .word(bare())
                }
            }
            return nil
        }

        private mutating func take(_ token: Token) -> Token {
            rest.removeFirst()
            return token
        }

        private mutating func quoted(by quote: Character) -> String {
            var word = ""
            rest.removeFirst()
            while let character = rest.popFirst(), character != quote {
                word.append(character)
                if character == "\\", let escaped = rest.popFirst() { word.append(escaped) }
            }
            return word
        }

        /// A brace inside a word is part of it if it belongs to a variable: `${name}`.
        private mutating func bare() -> String {
            var word = ""
            while let character = rest.first, !character.isWhitespace, character != ";" {
                if character == "{", word.last != "$" { break }
                rest.removeFirst()
                word.append(character)
            }
            return word
        }
    }
}
