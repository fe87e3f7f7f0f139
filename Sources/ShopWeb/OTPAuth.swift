import Shop
import Web

extension TOTP {
    /// The address from which authenticator apps learn the secret, as text or from a QR code. What is left out of it is
    /// what they take for granted: SHA-1, six digits, 30 seconds.
    func address(issuer: String, account: String) -> String {
        let issuer = PercentEncoding.encode(issuer)
        let label = "\(issuer):\(PercentEncoding.encode(account))"
        return "otpauth://totp/\(label)?secret=\(Base32.encode(secret))&issuer=\(issuer)"
    }

    /// The secret in groups of four letters, to be typed.
    var typedSecret: String {
        let letters = Array(Base32.encode(secret))
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(letters[$0..<min($0 + 4, letters.count)]) }.joined(separator: " ")
    }
}
