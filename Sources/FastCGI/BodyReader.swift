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
}
