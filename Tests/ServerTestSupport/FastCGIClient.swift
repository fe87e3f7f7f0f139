import Foundation
import Synchronization
import TestSupport

/// FastCGI's records, as far as a front end needs them.
public enum FastCGIRecord {
    public static let beginRequest: UInt8 = 1
    public static let abortRequest: UInt8 = 2
    public static let endRequest: UInt8 = 3
    public static let parameters: UInt8 = 4
    public static let input: UInt8 = 5
    public static let output: UInt8 = 6

    public static func record(_ type: UInt8, _ content: some Collection<UInt8>, id: UInt16 = 1) -> [UInt8] {
        let count = content.count
        return [1, type, UInt8(id >> 8), UInt8(id & 255), UInt8(count >> 8), UInt8(count & 255), 0, 0] + content
    }

    public static func begin(keepingConnection: Bool = true, role: UInt8 = 1) -> [UInt8] {
        record(beginRequest, [0, role, keepingConnection ? 1 : 0, 0, 0, 0, 0, 0])
    }

    /// One stream: records of at most 65,535 bytes, and the empty one that ends it.
    public static func stream(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            let part = rest.prefix(65_535)
            bytes += record(type, part)
            rest = rest.dropFirst(part.count)
        }
        return bytes + record(type, [])
    }

    public static func pairs(_ parameters: [(String, String)]) -> [UInt8] {
        parameters.reduce(into: []) { bytes, pair in
            bytes += length(pair.0.utf8.count) + length(pair.1.utf8.count) + Array(pair.0.utf8) + Array(pair.1.utf8)
        }
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        return [UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
    }
}

/// Speaks FastCGI to a responder, as nginx does, over one connection.
public final class FastCGIClient: Sendable {
    public let wire: Wire
    private let buffer = Mutex<[UInt8]>([])

    public init(path: String, timeoutSeconds: Int = 20) throws {
        wire = try Wire(path: path, timeoutSeconds: timeoutSeconds)
    }

    /// What a front end sends before the body.
    public static func head(
        _ method: String, _ target: String, _ fields: [String: String] = [:], contentLength: Int = 0,
        keepingConnection: Bool = true
    ) -> [UInt8] {
        var parameters = [
            ("REQUEST_METHOD", method), ("REQUEST_URI", target), ("REMOTE_ADDR", "192.0.2.1"),
            ("CONTENT_LENGTH", contentLength == 0 ? "" : "\(contentLength)"),
            ("CONTENT_TYPE", contentLength == 0 ? "" : "application/json"),
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            parameters.append(("HTTP_" + name.uppercased().replacing("-", with: "_"), value))
        }
        return FastCGIRecord.begin(keepingConnection: keepingConnection)
            + FastCGIRecord.stream(FastCGIRecord.parameters, FastCGIRecord.pairs(parameters))
    }

    /// Sends a request and waits for its answer.
    public func send(
        _ method: String, _ target: String, _ fields: [String: String] = [:], body: [UInt8] = [],
        keepingConnection: Bool = true
    ) throws -> HTTPAnswer {
        try wire.send(
            Self.head(method, target, fields, contentLength: body.count, keepingConnection: keepingConnection)
                + FastCGIRecord.stream(FastCGIRecord.input, body))
        return try answer()
    }

    /// Reads one answer.
    public func answer() throws -> HTTPAnswer {
        var output: [UInt8] = []
        while true {
            let (type, content) = try record()
            switch type {
            case FastCGIRecord.output: output += content
            case FastCGIRecord.endRequest: return try Self.parsed(output)
            default: break
            }
        }
    }

    private func record() throws -> (type: UInt8, content: [UInt8]) {
        let head = try bytes(8)
        let length = Int(head[4]) << 8 | Int(head[5])
        let content = try bytes(length)
        _ = try bytes(Int(head[6]))
        return (head[1], content)
    }

    private func bytes(_ count: Int) throws -> [UInt8] {
        try buffer.withLock { buffer in
            while buffer.count < count {
                let came = try wire.receive()
                guard !came.isEmpty else { throw Failure("the responder closed the connection") }
                buffer += came
            }
            defer { buffer.removeFirst(count) }
            return Array(buffer[..<count])
        }
    }

    private static func parsed(_ output: [UInt8]) throws -> HTTPAnswer {
        let end = try required(output.firstRange(of: Array("\r\n\r\n".utf8)), "an answer without a head")
        let lines = String(decoding: output[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let fields = try HTTPAnswer.fields(lines)
        let status = fields.first { $0.name == "Status" }?.value ?? "200 OK"
        return HTTPAnswer(
            status: Int(status.prefix(3)) ?? 0, reason: String(status.dropFirst(4)),
            fields: fields.filter { $0.name != "Status" }, body: Array(output[end.upperBound...]))
    }
}
