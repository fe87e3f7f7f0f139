import Crypto
import Shop

extension IdempotencyKey {
    /// The client's key, bound to a request.
    ///
    /// - Parameter request: what makes two requests the same, each part as bytes. Their SHA-256 is stored, so changing
    ///   what goes in would make every stored key look used for something else.
    init(text: String, of request: [UInt8]...) {
        var hash = SHA256()
        for part in request {
            // The length keeps two different splits from giving the same bytes.
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: part)
        }
        self.init(text: text, fingerprint: Array(hash.finalize()))
    }
}
