import Glibc

/// Where an attempt to log in comes from.
public struct LogInOrigin: Sendable {
    /// How much of a browser's name is kept, in characters.
    public static let nameLength = 0...100

    /// What attempts are counted by: an IPv4 address, or the network of an IPv6 address, since a household or a server
    /// owns a whole one; "" if the address is unknown.
    public let network: String
    /// The client's address.
    let address: String
    /// The client's proof that it has logged in before; nil if it has none.
    public let device: String?
    /// The browser's name; nil if unknown.
    public let name: String?
    /// Whether it is a program. A program keeps nothing between log-ins: it is recognized by its login and network.
    public let isProgram: Bool

    /// A browser.
    ///
    /// - Parameters:
    ///   - address: the client's.
    ///   - name: the browser's name; cut to `nameLength`.
    ///   - device: the text that `Accounts.knownDevice(of:)` once returned.
    public static func browser(_ address: String, name: String? = nil, device: String?) -> LogInOrigin {
        let kept = name.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(nameLength.upperBound))) }
        return LogInOrigin(
            network: Self.network(of: address), address: address, device: device, name: kept, isProgram: false)
    }

    /// A program.
    public static func program(_ address: String) -> LogInOrigin {
        LogInOrigin(
            network: Self.network(of: address), address: address, device: nil, name: nil, isProgram: true)
    }

    /// The first 64 bits of an IPv6 address; an IPv4 address whole, even if written as IPv6.
    static func network(of address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        if bytes.starts(with: mapped) { return bytes.suffix(4).map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { at in
            String(UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]), radix: 16)
        }
        return groups.joined(separator: ":") + "::/64"
    }

    /// The address as the system writes it, an IPv4 address even if it came as IPv6; nil if it is not an address.
    static func canonical(_ address: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, address, &bytes) == 1 { return address }
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return nil }
        let network = network(of: address)
        guard network.hasSuffix("/64") else { return network }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
