import CFastCGI
import Glibc
import Web

/// FastCGI's record types and other constants, as in its specification.
enum RecordType: UInt8 {
    case beginRequest = 1
    case abortRequest, endRequest, parameters, input, output, errors, data, getValues, getValuesResult, unknown
}

/// A record's header: eight bytes.
struct RecordHead {
    static let size = 8
    static let version: UInt8 = 1
    /// A record about the connection itself, not a request.
    static let management: UInt16 = 0

    var type: UInt8
    var request: UInt16
    var contentLength: Int
    var paddingLength = 0

    var bytes: [UInt8] {
        [
            Self.version, type, UInt8(request >> 8), UInt8(request & 255), UInt8(contentLength >> 8),
            UInt8(contentLength & 255), UInt8(paddingLength), 0,
        ]
    }
}

/// How a request ended, as told to the front end.
enum ProtocolStatus: UInt8 {
    case complete = 0
    /// One request at a time on a connection.
    case cannotMultiplex = 1
    case unknownRole = 3
}

/// Reads requests from a front end's connection and writes their answers, in FastCGI records; one connection after
/// another, in the same memory.
///
/// Everything that is read has a bound, and anything that is not FastCGI ends only the connection. One request at a
/// time: no front end that this is made for sends two at once.
struct FrontConnection: ~Copyable {
    /// nginx passes on a third of this at most.
    static let parameterBytes = 128 * 1024
    private static let longestContent = 65_528
    private static let responderRole: UInt16 = 1

    /// The connection. Its owner closes it.
    private var fd: Int32 = -1
    /// Read, but not consumed yet.
    private let input: UnsafeMutableRawBufferPointer
    private var next = 0
    private var end = 0

    /// The request being read or answered; 0 for none.
    private var request = RecordHead.management
    /// Whether another request may follow this one: not if the front end stopped in the middle.
    private(set) var isKept = true
    /// The request's parameters, encoded. Anything beyond the bound is dropped.
    private(set) var parameters: [UInt8] = []
    private(set) var hasTooManyParameters = false
    /// What is left of the current record's content …
    private var content = 0
    private var padding = 0
    private var inputHasEnded = true

    init() {
        // As libraries do: only touched pages take memory, and few requests need a second page.
        input = .allocate(byteCount: 16 * 1024, alignment: 16)
    }

    deinit { input.deallocate() }

    /// Switches to a connection without unanswered input.
    mutating func take(_ connection: Int32) {
        fd = connection
        next = 0
        end = 0
        isKept = true
        content = 0
        padding = 0
        inputHasEnded = true
    }

    /// Whether a part of the next request has been read already.
    var hasUnread: Bool { next < end }

    // MARK: Reading

    /// What there is to read.
    enum Arrival { case something, nothing, end }

    /// Reads what is there without waiting.
    mutating func look() -> Arrival {
        while true {
            let count = recv(fd, input.baseAddress, input.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return .nothing }
            guard count > 0 else { return .end }
            end = count
            return .something
        }
    }

    /// Reads to the end of the next request's parameters. Returns false at the connection's end, and for anything that
    /// is not FastCGI.
    mutating func readRequest() -> Bool {
        request = RecordHead.management
        parameters.removeAll(keepingCapacity: parameters.capacity <= 16 * 1024)
        hasTooManyParameters = false
        while let head = readHead() {
            guard request != RecordHead.management else {
                if head.type == RecordType.beginRequest.rawValue {
                    guard begin(head) else { return false }
                } else if !skip(head) {
                    return false
                }
                continue
            }
            guard head.request == request, head.type == RecordType.parameters.rawValue else {
                if isAborted(head) {
                    finish()
                    return false
                }
                guard skip(head) else { return false }
                continue
            }
            if head.contentLength == 0 {
                inputHasEnded = false
                return take(head.paddingLength) { _ in }
            }
            guard takeParameters(head.contentLength), take(head.paddingLength, { _ in }) else { return false }
        }
        return false
    }

    private mutating func takeParameters(_ count: Int) -> Bool {
        guard !hasTooManyParameters, parameters.count + count <= Self.parameterBytes else {
            hasTooManyParameters = true
            parameters = []
            return take(count) { _ in }
        }
        // Moved out of self, so that it can be appended to while reading.
        var taken = parameters
        parameters = []
        defer { parameters = taken }
        return take(count) { taken.append(contentsOf: $0) }
    }

    /// Fills the buffer with more of the body; 0 at its end, negative if the connection ends first.
    mutating func readInput(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while !inputHasEnded {
            if content > 0 {
                guard next < end || fill() else { return -1 }
                let count = min(content, end - next, buffer.count)
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[next..<next + count]))
                next += count
                content -= count
                guard content > 0 || take(padding, { _ in }) else { return -1 }
                return count
            }
            guard let head = readHead() else { return -1 }
            if head.request == request, head.type == RecordType.input.rawValue {
                content = head.contentLength
                padding = head.paddingLength
                if content == 0 {
                    inputHasEnded = true
                    guard take(padding, { _ in }) else { return -1 }
                }
            } else if isAborted(head) || !skip(head) {
                isKept = false
                return -1
            }
        }
        return 0
    }

    private func isAborted(_ head: RecordHead) -> Bool {
        head.request == request && head.type == RecordType.abortRequest.rawValue
    }

    private mutating func begin(_ head: RecordHead) -> Bool {
        var role: UInt16 = 0
        var flags: UInt8 = 0
        guard head.request != RecordHead.management, head.contentLength == 8 else { return false }
        guard
            take(
                8, atOnce: true,
                { content in
                    role = UInt16(content[0]) << 8 | UInt16(content[1])
                    flags = content[2]
                }), take(head.paddingLength, { _ in })
        else { return false }
        isKept = flags & 1 != 0
        guard role == Self.responderRole else {
            return sendEnd(of: head.request, .unknownRole) && isKept
        }
        request = head.request
        return true
    }

    /// Skips a record that is not part of the request, giving the answer that the specification requires.
    private mutating func skip(_ head: RecordHead) -> Bool {
        guard take(head.contentLength + head.paddingLength, { _ in }) else { return false }
        if head.request == RecordHead.management {
            // We have no values to report, and know no other type.
            let isAsked = head.type == RecordType.getValues.rawValue
            let content: [UInt8] = isAsked ? [] : [head.type, 0, 0, 0, 0, 0, 0, 0]
            return send(isAsked ? .getValuesResult : .unknown, of: RecordHead.management, content)
        }
        if head.type == RecordType.beginRequest.rawValue { return sendEnd(of: head.request, .cannotMultiplex) }
        return true
    }

    private mutating func readHead() -> RecordHead? {
        var head: RecordHead?
        _ = take(RecordHead.size, atOnce: true) { bytes in
            guard bytes[0] == RecordHead.version else { return }
            head = RecordHead(
                type: bytes[1], request: UInt16(bytes[2]) << 8 | UInt16(bytes[3]),
                contentLength: Int(bytes[4]) << 8 | Int(bytes[5]), paddingLength: Int(bytes[6]))
        }
        return head
    }

    /// Consumes this many bytes, in pieces as they arrive, or `atOnce` if few; false if the connection ends first.
    private mutating func take(
        _ count: Int, atOnce: Bool = false, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        var left = count
        while left > 0 {
            while next == end || atOnce && end - next < left {
                guard fill() else { return false }
            }
            let piece = min(left, end - next)
            body(UnsafeRawBufferPointer(rebasing: input[next..<next + piece]))
            next += piece
            left -= piece
        }
        return true
    }

    /// Reads more, after what is not consumed yet.
    private mutating func fill() -> Bool {
        if next > 0 {
            UnsafeMutableRawBufferPointer(rebasing: input[..<(end - next)]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: input[next..<end]))
            end -= next
            next = 0
        }
        while true {
            let count = recv(fd, input.baseAddress?.advanced(by: end), input.count - end, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                isKept = false
                return false
            }
            end += count
            return true
        }
    }

    // MARK: Writing

    /// Sends an answer and ends the request. A front end that is gone is not an error: nobody misses what could not be
    /// written.
    mutating func answer(_ head: [UInt8], _ body: [UInt8]) {
        let end = endRecords
        let isSent = head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                end.withUnsafeBytes { send(head, body, end: $0) }
            }
        }
        if !isSent { isKept = false }
        finish()
    }

    /// Sends an answer whose rest is made meanwhile, and ends the request. If it breaks off, the connection is closed and
    /// the request never ended, so that the front end does not take the answer for whole.
    mutating func answer(_ head: [UInt8], _ body: [UInt8], _ rest: ResponseRest) throws {
        do {
            guard send(head, body) else { throw ReaderGoneError() }
            try rest.write { piece in
                if !piece.isEmpty, !send([], piece) { throw ReaderGoneError() }
            }
        } catch {
            isKept = false
            finish()
            throw error
        }
        let end = endRecords
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        if !end.withUnsafeBytes({ sendAll($0, none, none, none) }) { isKept = false }
        finish()
    }

    private func send(_ head: [UInt8], _ body: [UInt8]) -> Bool {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { send(head, $0, end: UnsafeRawBufferPointer(start: nil, count: 0)) }
        }
    }

    private mutating func finish() {
        if request != RecordHead.management, !isKept { shutdown(fd, Int32(SHUT_WR)) }
        request = RecordHead.management
    }

    /// The records that end the answer and its request.
    private var endRecords: [UInt8] {
        RecordHead(type: RecordType.output.rawValue, request: request, contentLength: 0).bytes
            + RecordHead(type: RecordType.endRequest.rawValue, request: request, contentLength: 8).bytes
            + [UInt8](repeating: 0, count: 8)
    }

    /// Sends the whole answer in as few calls as there are records.
    private func send(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, end: UnsafeRawBufferPointer)
        -> Bool
    {
        var head = head
        var rest = body
        repeat {
            // A head is far shorter than a record.
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.longestContent - head.count))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
            let record = RecordHead(
                type: RecordType.output.rawValue, request: request, contentLength: head.count + part.count
            ).bytes
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            guard record.withUnsafeBytes({ sendAll($0, head, part, rest.isEmpty ? end : none) }) else { return false }
            head = none
        } while !rest.isEmpty
        return true
    }

    private func send(_ type: RecordType, of request: UInt16, _ content: [UInt8]) -> Bool {
        let record = RecordHead(type: type.rawValue, request: request, contentLength: content.count).bytes + content
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        return record.withUnsafeBytes { sendAll($0, none, none, none) }
    }

    private func sendEnd(of request: UInt16, _ status: ProtocolStatus) -> Bool {
        send(.endRequest, of: request, [0, 0, 0, 0, status.rawValue, 0, 0, 0])
    }

    /// Sends four pieces in order, however many calls that takes.
    private func sendAll(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer,
        _ fourth: UnsafeRawBufferPointer
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: 4) { pieces in
            for (index, piece) in [first, second, third, fourth].enumerated() {
                pieces[index] = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
            }
            var left = pieces[...]
            while let piece = left.first {
                if piece.iov_len == 0 {
                    left = left.dropFirst()
                    continue
                }
                var message = msghdr()
                message.msg_iov = pieces.baseAddress?.advanced(by: left.startIndex)
                message.msg_iovlen = left.count
                let count = sendmsg(fd, &message, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                var taken = count
                while taken > 0, let piece = left.first {
                    let part = min(taken, piece.iov_len)
                    left[left.startIndex].iov_base = piece.iov_base?.advanced(by: part)
                    left[left.startIndex].iov_len -= part
                    taken -= part
                    if left[left.startIndex].iov_len == 0 { left = left.dropFirst() }
                }
            }
            return true
        }
    }
}
