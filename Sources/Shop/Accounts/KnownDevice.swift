import Crypto

/// What a device keeps after logging in, to be told from strangers next time, as OWASP describes device cookies
/// (<https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies>): its own number, and a
/// signature over that and the login. It lets nobody in; it only keeps the device's attempts apart.
struct KnownDevice {
    private static let numberBytes = 16
    private static let signatureBytes = 32

    /// Identifies the device.
    let number: [UInt8]

    /// A new one.
    static func random() -> KnownDevice {
        KnownDevice(number: SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) })
    }

    private init(number: [UInt8]) { self.number = number }

    /// The device that the text describes; nil if the text was signed with another key or for another login.
    init?(_ text: String, of login: String, key: [UInt8]) {
        guard let bytes = Base64.decode(text, Base64.url), bytes.count == Self.numberBytes + Self.signatureBytes else {
            return nil
        }
        number = Array(bytes.prefix(Self.numberBytes))
        let isRight = HMAC<SHA256>.isValidAuthenticationCode(
            bytes.suffix(Self.signatureBytes), authenticating: Self.signed(number, login),
            using: SymmetricKey(data: key))
        guard isRight else { return nil }
    }

    /// The text that the device keeps.
    func text(of login: String, key: [UInt8]) -> String {
        let signature = HMAC<SHA256>.authenticationCode(
            for: Self.signed(number, login), using: SymmetricKey(data: key))
        return Base64.encode(number + signature, Base64.url)
    }

    /// The number as a word.
    var name: String { Base64.encode(number, Base64.url) }

    private static func signed(_ number: [UInt8], _ login: String) -> [UInt8] {
        Array("device".utf8) + number + Array(login.lowercased().utf8)
    }
}
