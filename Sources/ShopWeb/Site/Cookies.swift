import HTTPTypes
import Shop
import Web

/// The cookies that the shop sets. None is for anybody but the shop's own server, and no script sees any.
enum Cookie: String {
    /// The token of a log-in.
    case session
    /// What stands in for a session of a visitor: the forms to log in and to sign up are bound to it, and the basket is kept
    /// under it.
    case visitor = "visit"
    /// That somebody has logged in from this browser before: strangers are slowed down more.
    case device
    /// The language that somebody chose.
    case language
    /// What the next page has to say: a link cannot make it say that.
    case notice

    /// Behind TLS a cookie's name says that it came through TLS, from this very host and for all of it: no neighbour below the
    /// same domain can put one in its place.
    private func name(secure: Bool) -> String { (secure ? "__Host-" : "") + rawValue }

    /// What the client sent; nil where it sent none.
    func value(in request: Request) -> Substring? {
        let wanted = name(secure: request.isSecure)
        // HTTP/2 clients may send one field for each.
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

    /// Whether there is one that says anything of who asks, or of what was done before.
    static func isAnyPersonal(in request: Request) -> Bool {
        session.value(in: request) != nil || visitor.value(in: request) != nil || notice.value(in: request) != nil
    }

    /// The field that sets it.
    ///
    /// - Parameter seconds: how long it is kept; nil for as long as the browser is open, 0 to remove it.
    func field(_ value: String, for request: Request, seconds: Int64?) -> HTTPField {
        var text = "\(name(secure: request.isSecure))=\(value); Path=/; HttpOnly; SameSite=Lax"
        if request.isSecure { text += "; Secure" }
        if let seconds { text += "; Max-Age=\(seconds)" }
        return HTTPField(name: .setCookie, value: text)
    }
}
