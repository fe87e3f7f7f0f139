import Glibc
import Web

/// Reads a body to its end, however long, and keeps it unless it is too long: FastCGI and CGI clients alike may not
/// read the answer until they have sent everything.
struct BodyReader {
    /// Small enough for the stack; nearly every body is smaller still.
    private static let chunk = 1_024

    /// - Parameters:
    ///   - promised: the request's CONTENT_LENGTH.
    ///   - read: fills a buffer and returns how many bytes it got; 0 at the end, negative on an error.
    static func read(promised: Int, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> Request.Body {
        var body: [UInt8] = []
        if promised <= RequestLimits.bodyBytes { body.reserveCapacity(promised) }
        var total = 0
        withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 16) { buffer in
            while true {
                let count = read(buffer)
                if count <= 0 { return }
                total += count
                if total <= RequestLimits.bodyBytes { body.append(contentsOf: buffer[..<count]) }
            }
        }
        if total > RequestLimits.bodyBytes || promised > RequestLimits.bodyBytes { return .tooLarge }
        return total < promised ? .incomplete : .bytes(body)
    }

    /// The same, but for a body that is larger than memory has room for.
    ///
    /// - Parameter room: asked where such a body is to go; nil to discard it.
    static func read(
        promised: Int, room: () -> BodyRoom?, _ read: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Request.Body {
        guard promised > RequestLimits.bodyBytes, let room = room() else { return Self.read(promised: promised, read) }
        return self.read(promised: promised, into: room, read)
    }

    /// As much as comes in one record's piece.
    private static let filedChunk = 16 * 1_024

    private static func read(
        promised: Int, into room: BodyRoom, _ read: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Request.Body {
        var total = 0
        var failure = room.error
        withUnsafeTemporaryAllocation(byteCount: filedChunk, alignment: 16) { buffer in
            while true {
                let count = read(buffer)
                if count <= 0 { return }
                total += count
                guard total <= room.mostBytes, failure == 0 else { continue }
                failure = write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: room.descriptor)
            }
        }
        let file = BodyFile(descriptor: room.descriptor, size: total, error: failure)
        if max(total, promised) > room.mostBytes { return .tooLarge }
        return total < promised ? .incomplete : .file(file)
    }

    /// Writes all of it; returns an errno, 0 if all went well.
    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            rest = rest.dropFirst(count)
        }
        return 0
    }
}
