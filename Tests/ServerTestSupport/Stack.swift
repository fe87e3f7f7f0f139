import Foundation
import SQLite
import Synchronization
public import TestSupport

/// A whole shop for one test: a temporary folder, the responder, and a real nginx with the package's configuration, on
/// a port of its own.
public final class Stack: Sendable {
    /// How a stack is set up.
    public struct Options: Sendable {
        public var environment: [String: String] = [:]
        /// Without nginx, the test talks to the responder directly.
        public var hasNginx = true
        /// Changes to nginx's configuration: the original text, and its replacement.
        public var nginxChanges: [String: String] = [:]
        /// Whether the test binds the socket and passes it as descriptor 0.
        public var passesSocket = false
        /// Whether the responder is started; otherwise the test does it.
        public var starts = true
        /// Signals that the responder's parent has blocked.
        public var blocked: [Int32] = []
        /// The data folder; nil for the stack's folder.
        public var data: String?

        public init() {}
    }

    public let folder: TemporaryFolder
    public let data: String
    public let socket: String
    public let port: UInt16
    public let tokens: [String]
    private let options: Options
    private let reserved: ReservedPort
    private let reservedForOperations: ReservedPort
    private let listener: Listener?
    private let running = Mutex<(responder: ChildProcess?, nginx: ChildProcess?)>((nil, nil))

    /// Starts a stack for the test and ends it afterwards, whatever happens in between.
    public static func run(_ change: (inout Options) -> Void = { _ in }, _ test: (Stack) throws -> Void) throws {
        var options = Options()
        change(&options)
        let stack = try Stack(options)
        let outcome = Result {
            try stack.start()
            try test(stack)
        }
        stack.end()
        let log = stack.log
        // The thread sanitizer reports races there, even if the answers are right.
        if let race = log.range(of: "ThreadSanitizer") { throw Failure(String(log[race.lowerBound...].prefix(4_000))) }
        if case .failure(let error) = outcome {
            throw Failure("\(error)\n--- the responder's log ends:\n\(log.suffix(2_000))")
        }
    }

    private init(_ options: Options) throws {
        let template = try Template.shared.get()
        self.options = options
        folder = try TemporaryFolder()
        data = options.data ?? folder("data")
        socket = folder("s")
        reserved = try ReservedPort()
        port = reserved.number
        reservedForOperations = try ReservedPort()
        tokens = template.tokens
        try template.copy(to: data)
        listener = options.passesSocket ? try Listener(path: socket) : nil
    }

    private func start() throws {
        if options.starts { try startResponder() }
        if options.hasNginx { try startNginx() }
    }

    // MARK: The responder

    public var database: String { data + "/shop.db" }
    public var logPath: String { folder("responder.log") }
    public var log: String { (try? text(logPath)) ?? "" }

    public var responder: ChildProcess {
        get throws { try required(running.withLock { $0.responder }, "no responder") }
    }

    /// Starts a responder, possibly beside a running one, and waits until it is ready.
    @discardableResult
    public func startResponder() throws -> ChildProcess {
        let ready = { [self] in log.components(separatedBy: "<5>ready").count }
        let before = ready()
        let socketOptions = options.passesSocket ? [] : ["--socket", socket]
        // The order of nginx's log and of a debugger's does not matter; the tests' passwords need no protection, and their
        // staff no telephone; and on a busy machine the tests come late to their turn.
        let environment = [
            "JANGTEO_PASSWORD_COST": "4", "JANGTEO_SECOND_FACTOR": "optional", "JANGTEO_PATIENCE_MILLISECONDS": "60000",
        ].merging(options.environment) { $1 }
        let process = try ChildProcess(
            Jangteo.path, ["serve", "--data", data] + socketOptions, environment: environment, input: listener?.fd,
            errors: logPath, blocked: options.blocked)
        running.withLock { $0.responder = process }
        try eventually("the responder is ready") {
            if let status = process.exitStatus { throw Failure("the responder ended with \(status)") }
            return ready() > before
        }
        return process
    }

    /// Stops it as a sysadmin does, and returns its exit status.
    @discardableResult
    public func stopResponder(within seconds: Double = 20) throws -> Int32 {
        let process = try responder
        process.send(SIGTERM)
        return try process.wait(seconds: seconds)
    }

    // MARK: nginx

    /// The package's configuration, for this stack and with its changes.
    public func nginxConfiguration() throws -> String {
        let fill = try ChildProcess(
            packageFolder + "/deploy/fill-nginx",
            [
                "--port", "\(port)", "--operations", "\(reservedForOperations.number)", "--socket", socket, "--data",
                data,
            ],
            output: folder("nginx.conf"), errors: folder("fill.log"))
        guard try fill.wait() == 0 else { throw Failure("fill-nginx: \(try text(folder("fill.log")))") }
        var configuration = try text(folder("nginx.conf"))
        for (old, new) in options.nginxChanges {
            guard configuration.contains(old) else { throw Failure("nginx.conf has no \(old)") }
            configuration = configuration.replacingOccurrences(of: old, with: new)
        }
        return configuration
    }

    private func startNginx() throws {
        try write(nginxConfiguration(), to: folder("nginx.conf"))
        try FileManager.default.createDirectory(atPath: folder("temp"), withIntermediateDirectories: true)
        // nginx's workers must be able to reach into our private folder.
        let user = getuid() == 0 ? "user root; " : ""
        let process = try ChildProcess(
            "nginx",
            ["-p", folder.path, "-c", folder("nginx.conf"), "-e", folder("error.log"), "-g", user + "daemon off;"],
            output: folder("nginx.out"), errors: folder("nginx.out"))
        running.withLock { $0.nginx = process }
        try eventually("nginx listens") {
            if process.exitStatus != nil { throw Failure("nginx: \(try text(folder("nginx.out")))") }
            return (try? Wire(port: port)) != nil  // refused until it listens
        }
    }

    /// nginx's own request log; stops nginx so that it is complete.
    public func accessLog() throws -> String {
        try stopNginx()
        return try text(folder("access.log"))
    }

    private func stopNginx() throws {
        guard let nginx = running.withLock({ $0.nginx.take() }) else { return }
        nginx.send(SIGTERM)
        try nginx.wait(seconds: 5)
    }

    /// Ends everything; what does not end is killed.
    private func end() {
        let (responder, nginx) = running.withLock { $0 }
        for process in [nginx, responder].compactMap({ $0 }) {
            process.send(SIGTERM)
            // `wait` kills what is late, and nothing else matters here.
            _ = try? process.wait(seconds: 5)
        }
    }

    // MARK: Users

    /// A new connection to nginx.
    public func client(timeoutSeconds: Int = 20) -> HTTPClient {
        HTTPClient(port: port, timeoutSeconds: timeoutSeconds)
    }

    /// A new connection to the address where nginx shows how the shop is doing.
    public func operations(timeoutSeconds: Int = 20) -> HTTPClient {
        HTTPClient(port: reservedForOperations.number, timeoutSeconds: timeoutSeconds)
    }

    /// A user without a token.
    public func visitor() -> Caller { Caller(client()) }

    /// One of the customers, from 0, on a new connection.
    public func customer(_ number: Int = 0) -> Caller { Caller(client(), token: tokens[number]) }

    public func admin() throws -> Caller {
        let client = client()
        let answer = try Caller(client).post(
            "/tokens", #"{"login":"\#(Template.adminLogin)","password":"\#(Template.adminPassword)"}"#)
        return Caller(client, token: try required(answer.json["token"].text, "the admin cannot log in: \(answer)"))
    }

    /// A direct connection to the responder.
    public func fastCGI() throws -> FastCGIClient { try FastCGIClient(path: socket) }

    /// A connection to the database like another process's.
    public func sql() throws -> Connection {
        try Connection(path: database, access: .readWrite, busyTimeoutMilliseconds: 5_000)
    }

    /// A number from the database.
    public func number(_ query: String) throws -> Int {
        try required(Int(try sql().rows(of: query).first?.first ?? ""), "no number: \(query)")
    }

    /// Runs a command of `jangteo` over this stack's data.
    public func jangteo(_ arguments: String..., environment: [String: String] = [:]) throws -> Jangteo.Outcome {
        try Jangteo.run(arguments + ["--data", data], environment: environment)
    }

    /// The audit's findings; nil if there are none.
    public func auditDifferences() throws -> String? {
        let outcome = try jangteo("audit")
        return outcome.status == 0 ? nil : outcome.output + outcome.errors
    }
}
