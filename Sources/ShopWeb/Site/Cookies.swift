import HTTPTypes
import Shop
import Web

/// The shop's cookies. Each goes to the shop's own server only, and no script sees any.
enum Cookie: String {
    /// The token of a log-in.
    case session
    /// A visitor's substitute for a session: the log-in and sign-up forms are bound to it, and the basket is stored
    /// under it.
    case visitor = "visit"
    /// Proves that somebody has logged in from this browser before: strangers are slowed down more.
    case device
    /// The first half of a log-in, until the code of the second factor follows.
    case halfLogIn = "login"
    /// The language that was chosen.
    case language
    /// What the next page has to say; a cookie, so that no link can make it say that.
    case notice

    /// Behind TLS the name's prefix proves that the cookie came through TLS, from this very host and for all of it: no
    /// other host in the same domain can plant one.
    private func name(secure: Bool) -> String { (secure ? "__Host-" : "") + rawValue }

    /// What the client sent; nil if it sent none.
    func value(in request: Request) -> Substring? {
        let wanted = name(secure: request.isSecure)
        // HTTP/2 clients may send one field per cookie.
        for field in request.fields where field.name == .cookie {
            for pair in field.value.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") }
                if let equals = pair.firstIndex(of: UInt8(ascii: "=")), pair[..<equals].elementsEqual(wanted.utf8) {
                    return Substring(pair[pair.index(after: equals)...])
                }
            }
        }
        return nil
    }

    /// Whether any cookie says who is asking, or what was done before.
    static func isAnyPersonal(in request: Request) -> Bool {
        session.value(in: request) != nil || visitor.value(in: request) != nil || notice.value(in: request) != nil
    }

    /// The field that sets the cookie.
    ///
    /// - Parameter seconds: how long to keep it; nil for as long as the browser is open, 0 to remove it.
    func field(_ value: String, for request: Request, seconds: Int64?) -> HTTPField {
        var text = "\(name(secure: request.isSecure))=\(value); Path=/; HttpOnly; SameSite=Lax"
        if request.isSecure { text += "; Secure" }
        if let seconds { text += "; Max-Age=\(seconds)" }
        return HTTPField(name: .setCookie, value: text)
    }
}
