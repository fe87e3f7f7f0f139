import Crypto
import Shop

extension IdempotencyKey {
    /// The client's key, given to a request.
    ///
    /// - Parameter request: what makes the request the same or another, each part as bytes. Their SHA-256 is stored, so that
    ///   a change of it would have every key that is kept be given to something else.
    init(text: String, of request: [UInt8]...) {
        var hash = SHA256()
        for part in request {
            // The length keeps two parts from being cut differently into the same bytes.
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: part)
        }
        self.init(text: text, fingerprint: Array(hash.finalize()))
    }
}
