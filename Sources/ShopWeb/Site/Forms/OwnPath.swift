/// An address on this shop that came in a field, and nothing else.
enum OwnPath {
    /// In bytes.
    static let longest = 2_000

    /// The text if it is a path on this host; nil if a browser could take it for anything else.
    static func path(_ text: String?) -> String? {
        guard let text, text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= longest else { return nil }
        let second = text.utf8.dropFirst().first
        guard second != UInt8(ascii: "/"),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return text
    }
}
