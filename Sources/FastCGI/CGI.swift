import Glibc
import Web

/// CGI/1.1: one request from the environment and standard input, answered on standard output.
public enum CGI {
    /// Answers the one request. Throws if the answer broke off.
    public static func respond(_ responder: any Responder) throws {
        let parameters = Parameters(environ)
        var left = parameters.contentLength
        // A CGI server need not close our standard input, so nothing is read beyond the promised length.
        let body = BodyReader.read(promised: parameters.contentLength) {
            parameters.room(responder)
        } _: { buffer in
            let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, min(left, buffer.count))
            left -= max(0, count)
            return count
        }
        let response: Response
        var isHead = false
        do {
            let request = try parameters.request(body)
            isHead = request.method == .head
            response = responder.respond(to: request)
        } catch {
            response = responder.respond(to: error, fields: parameters.fields)
        }
        var bytes: [UInt8] = []
        ResponseHead.write(response, into: &bytes)
        if !isHead { bytes += response.body }
        guard write(bytes), !isHead else { return }
        // Without a length, only our exit status tells that something is missing.
        try response.rest?.write { piece in
            guard write(piece) else { throw ReaderGoneError() }
        }
    }

    /// Returns false if the CGI server is gone.
    private static func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
