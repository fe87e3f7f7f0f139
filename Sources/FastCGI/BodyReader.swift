import Web

/// Reads a body to its end, however long it is, and keeps it when it is not too long. Both FastCGI and CGI clients may
/// wait for ever for an answer while they still have something to send.
struct BodyReader {
    /// So small that it has its place on the stack: nearly every body is smaller still.
    private static let chunk = 1_024

    /// - Parameters:
    ///   - promised: the request's CONTENT_LENGTH.
    ///   - read: fills a buffer and says how many bytes it got; 0 at the end, below 0 for an error.
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
}
