import Foundation
import Synchronization
import TestSupport

/// A small HTTP/1.1 client that keeps its connection. One request at a time.
public final class HTTPClient: Sendable {
    private let port: UInt16
    private let timeoutSeconds: Int
    private let kept = Mutex<Wire?>(nil)

    public init(port: UInt16, timeoutSeconds: Int = 20) {
        self.port = port
        self.timeoutSeconds = timeoutSeconds
    }

    /// Sends one request and waits for its answer.
    public func send(
        _ method: String, _ target: String, _ fields: [String: String] = [:], body: [UInt8]? = nil
    ) throws -> HTTPAnswer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: shop.test\r\n"
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return try send(raw: Array((head + "\r\n").utf8) + (body ?? []), isHead: method == "HEAD")
    }

    /// Sends any bytes and waits for an answer.
    public func send(raw bytes: [UInt8], isHead: Bool = false) throws -> HTTPAnswer {
        let kept = kept.withLock { $0.take() }
        let wire = try kept ?? Wire(port: port, timeoutSeconds: timeoutSeconds)
        try wire.send(bytes)
        var reader = Reader(wire: wire)
        let answer = try reader.answer(isHead: isHead)
        if answer["Connection"] != "close" { self.kept.withLock { $0 = wire } }
        return answer
    }

    private struct Reader {
        let wire: Wire
        var buffer: [UInt8] = []

        mutating func answer(isHead: Bool) throws -> HTTPAnswer {
            var lines: [Substring] = []
            while true {
                let line = try line()
                if line.isEmpty { break }
                lines.append(Substring(line))
            }
            let parts = try required(lines.first, "no status line")
                .split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
                throw Failure("no status line: \(lines)")
            }
            let head = HTTPAnswer(
                status: status, reason: parts.count > 2 ? String(parts[2]) : "",
                fields: try HTTPAnswer.fields(lines.dropFirst()), body: [])
            return HTTPAnswer(
                status: status, reason: head.reason, fields: head.fields,
                body: isHead || status == 204 ? [] : try body(of: head))
        }

        private mutating func body(of head: HTTPAnswer) throws -> [UInt8] {
            if let length = head["Content-Length"].flatMap({ Int($0) }) { return try bytes(length) }
            guard head["Transfer-Encoding"] == "chunked" else { return try rest() }
            var body: [UInt8] = []
            while true {
                let size = try required(Int(try line(), radix: 16), "no size of a chunk")
                body += try bytes(size)
                _ = try line()
                if size == 0 { return body }
            }
        }

        private mutating func line() throws -> String {
            while true {
                if let end = buffer.firstIndex(of: 0x0a) {
                    let line = buffer[..<end]
                    buffer.removeSubrange(...end)
                    return String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
                }
                try more()
            }
        }

        private mutating func bytes(_ count: Int) throws -> [UInt8] {
            while buffer.count < count { try more() }
            defer { buffer.removeFirst(count) }
            return Array(buffer[..<count])
        }

        private mutating func rest() throws -> [UInt8] {
            while true {
                let came = try wire.receive()
                if came.isEmpty { return buffer }
                buffer += came
            }
        }

        private mutating func more() throws {
            let came = try wire.receive()
            guard !came.isEmpty else { throw Failure("the connection ended in the middle of an answer") }
            buffer += came
        }
    }
}

/// A user of the shop's API with a connection of their own.
public struct Caller: Sendable {
    public let client: HTTPClient
    public let token: String?

    public init(_ client: HTTPClient, token: String? = nil) {
        self.client = client
        self.token = token
    }

    public func send(
        _ method: String, _ path: String, _ json: String? = nil, key: String? = nil, _ more: [String: String] = [:]
    ) throws -> HTTPAnswer {
        var fields = more
        if let token { fields["Authorization"] = "Bearer \(token)" }
        if let key { fields["Idempotency-Key"] = key }
        if json != nil, fields["Content-Type"] == nil { fields["Content-Type"] = "application/json" }
        let needsBody = method != "GET" && method != "HEAD"
        return try client.send(
            method, "/api/v1" + path, fields, body: json.map { Array($0.utf8) } ?? (needsBody ? [] : nil))
    }

    public func get(_ path: String, _ more: [String: String] = [:]) throws -> HTTPAnswer {
        try send("GET", path, more)
    }

    public func post(_ path: String, _ json: String? = nil, key: String? = nil) throws -> HTTPAnswer {
        try send("POST", path, json, key: key)
    }

    private func send(_ method: String, _ path: String, _ more: [String: String]) throws -> HTTPAnswer {
        try send(method, path, nil, key: nil, more)
    }
}
