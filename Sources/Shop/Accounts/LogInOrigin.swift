import Glibc

/// Where a try to log in comes from.
public struct LogInOrigin: Sendable {
    /// What is kept of a browser's name, in characters.
    public static let nameLength = 0...100

    /// What tries are counted by: an IPv4 address, or the network of an IPv6 address, of which a household or a server has a
    /// whole one; "" where the address is not known.
    public let network: String
    /// The client's.
    let address: String
    /// What the client shows that says it has logged in before; nil where it shows nothing.
    public let device: String?
    /// What the browser is called; nil where that is not known.
    public let name: String?
    /// Whether it is a program, which keeps nothing from one log-in to the next: it is known by its login and network.
    public let isProgram: Bool

    /// A browser.
    ///
    /// - Parameters:
    ///   - address: the client's.
    ///   - name: what it is called; a longer one is cut to `nameLength`.
    ///   - device: the text that `Accounts.knownDevice(of:)` once made.
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

    /// The first 64 bits of an IPv6 address; an IPv4 address whole, also where it is written as IPv6.
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

    /// The address as the system writes it, an IPv4 address also where it came as IPv6; nil where it is none.
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
