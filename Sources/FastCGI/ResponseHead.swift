import HTTPTypes
import Web

/// Writes a response's head for FastCGI and CGI: a `Status` field instead of a status line.
enum ResponseHead {
    static func write(_ response: Response, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        append("Status: ", to: &bytes)
        append(String(response.status.code), to: &bytes)
        append(" ", to: &bytes)
        append(response.status.reasonPhrase, to: &bytes)
        for field in response.fields {
            append("\r\n", to: &bytes)
            append(field.name.rawName, to: &bytes)
            append(": ", to: &bytes)
            append(field.value, to: &bytes)
        }
        if response.status != .noContent, response.rest == nil {
            append("\r\nContent-Length: ", to: &bytes)
            append(String(response.body.count), to: &bytes)
        }
        append("\r\n\r\n", to: &bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: text.utf8)
    }
}
