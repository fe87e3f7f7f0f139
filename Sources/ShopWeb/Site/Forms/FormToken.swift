import Crypto
import Shop

extension Token {
    private static let codeBytes = 32

    /// What the forms carry on a page made for this token's owner: nobody else can make it, and it does not reveal the
    /// token. It differs each time: a constant one could be guessed bit by bit from how well a page compresses that
    /// repeats text from its address (BREACH).
    func formToken() -> String {
        let mask = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        return Base64.encode(mask + zip(mask, formCode).map { $0 ^ $1 }, Base64.url)
    }

    /// Whether a form's text was made from this token; takes the same time whatever is wrong.
    func isFormToken(_ text: String) -> Bool {
        guard let given = Base64.decode(text, Base64.url), given.count == 2 * Self.codeBytes else {
            return false
        }
        let (mask, masked) = (given.prefix(Self.codeBytes), given.suffix(Self.codeBytes))
        return zip(zip(mask, masked), formCode).reduce(0) { $0 | ($1.0.0 ^ $1.0.1 ^ $1.1) } == 0
    }

    private var formCode: [UInt8] {
        var text = text
        let key = text.withUTF8 { SymmetricKey(data: $0) }
        return Array(HMAC<SHA256>.authenticationCode(for: Array("form".utf8), using: key))
    }
}
