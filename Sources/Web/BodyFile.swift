import Glibc

/// A body that is too large for memory, in a file. The file is closed when nobody has it any more; one without a name is
/// gone then.
public final class BodyFile: Sendable {
    public let descriptor: Int32
    /// In bytes.
    public let size: Int
    /// Why it could not be written to its end, as an errno; 0 if it could.
    public let error: Int32

    /// - Parameter descriptor: open for reading; this object closes it.
    public init(descriptor: Int32, size: Int, error: Int32 = 0) {
        self.descriptor = descriptor
        self.size = size
        self.error = error
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

/// Room for a large body, given before any of it is read.
public struct BodyRoom: Sendable {
    /// An empty file, open for reading and writing; -1 if none could be made.
    public let descriptor: Int32
    /// A larger body is read to its end and discarded.
    public let mostBytes: Int
    /// Why no file could be made, as an errno; 0 if one could.
    public let error: Int32

    public init(descriptor: Int32, mostBytes: Int) {
        self.descriptor = descriptor
        self.mostBytes = mostBytes
        error = 0
    }

    /// No room, although there should be: the body is read to its end, and is a file with this error.
    public init(error: Int32, mostBytes: Int) {
        descriptor = -1
        self.mostBytes = mostBytes
        self.error = error
    }
}

/// A body to read from any place on, in memory or in a file.
public struct BodyContent: Sendable {
    private enum Place: Sendable {
        case memory([UInt8])
        case file(BodyFile)
    }

    private let place: Place

    /// The request's body; throws `RequestError` for one that is too large or did not arrive.
    public init(_ request: Request) throws {
        if case .file(let file) = request.body { place = .file(file) } else { place = .memory(try request.bodyBytes()) }
    }

    public init(_ bytes: [UInt8]) { place = .memory(bytes) }

    /// In bytes.
    public var size: Int {
        switch place {
        case .memory(let bytes): bytes.count
        case .file(let file): file.size
        }
    }

    /// Copies what is there from this place on into the buffer; returns how much that was, 0 at the end.
    public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(BodyError) -> Int {
        switch place {
        case .memory(let bytes):
            let count = min(buffer.count, bytes.count - offset)
            guard count > 0 else { return 0 }
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
            }
            return count
        case .file(let file):
            while true {
                let count = pread(
                    file.descriptor, buffer.baseAddress, min(buffer.count, file.size - offset), off_t(offset))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw BodyError(code: errno) }
                return count
            }
        }
    }

    /// Passes on a part of it, piece by piece.
    public func forEachPiece(of range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
            var at = range.lowerBound
            while at < range.upperBound {
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, range.upperBound - at)])
                let count = try read(at: at, into: piece)
                guard count > 0 else { throw BodyError(code: EIO) }
                try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
                at += count
            }
        }
    }

    /// A part of it, in memory.
    public func bytes(of range: Range<Int>) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPiece(of: range) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Where these bytes come next, from this place on and before the end; nil if nowhere.
    public func find(_ wanted: [UInt8], from start: Int, to end: Int) throws -> Int? {
        try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
            var at = start
            while end - at >= wanted.count {
                let window = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, end - at)])
                let count = try read(at: at, into: window)
                guard count >= wanted.count else { return nil }
                if let found = Self.offset(of: wanted, in: UnsafeRawBufferPointer(rebasing: window[..<count])) {
                    return at + found
                }
                // What begins at the window's end comes whole in the next.
                at += count - wanted.count + 1
            }
            return nil
        }
    }
}

extension BodyContent {
    private static func offset(of wanted: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress, let first = wanted.first else { return nil }
        var at = 0
        while bytes.count - at >= wanted.count {
            guard let found = memchr(start + at, Int32(first), bytes.count - wanted.count - at + 1) else { return nil }
            at = UnsafeRawPointer(found) - start
            if memcmp(found, wanted, wanted.count) == 0 { return at }
            at += 1
        }
        return nil
    }
}

/// A body's file could not be read.
public struct BodyError: Error, Sendable {
    /// An errno.
    public let code: Int32
}
