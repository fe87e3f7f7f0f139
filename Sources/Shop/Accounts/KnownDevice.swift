import Crypto

/// What a device keeps of having logged in, so that it is told from strangers the next time, as OWASP describes device
/// cookies (<https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies>): a number of its own, and
/// a signature over that and the login. It lets nobody in; it only tries passwords apart from everybody else.
struct KnownDevice {
    private static let numberBytes = 16
    private static let signatureBytes = 32

    /// Tells it from others.
    let number: [UInt8]

    /// A new one.
    static func random() -> KnownDevice {
        KnownDevice(number: SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) })
    }

    private init(number: [UInt8]) { self.number = number }

    /// The one that the text says it is; nil where the text was made with another key or for another login.
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

    /// As the device keeps it.
    func text(of login: String, key: [UInt8]) -> String {
        let signature = HMAC<SHA256>.authenticationCode(
            for: Self.signed(number, login), using: SymmetricKey(data: key))
        return Base64.encode(number + signature, Base64.url)
    }

    /// Its number as a word.
    var name: String { Base64.encode(number, Base64.url) }

    private static func signed(_ number: [UInt8], _ login: String) -> [UInt8] {
        Array("device".utf8) + number + Array(login.lowercased().utf8)
    }
}
