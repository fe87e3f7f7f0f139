import Crypto
import Foundation

/// The static files' addresses. Each contains a hash of the content, so that a browser may keep the file for a year.
struct Assets: TemplateModel {
    private static let prefix = "/static/"

    /// Keyed by the file's path below the folder: `shop.css`, `pictures/apple.svg`.
    private let addresses: [String: String]
    /// The names used in templates: `{{assets.shop_css}}`.
    let named: [String: String]

    init(_ folder: String) throws {
        var addresses: [String: String] = [:]
        for name in Storefront.files(folder) {
            guard let dot = name.lastIndex(of: ".") else { continue }  // a folder
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw StorefrontError("cannot read \(folder)/\(name)")
            }
            let hash = SHA256.hash(data: bytes).prefix(8).map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
            addresses[name] = Self.prefix + name[..<dot] + "." + hash.joined() + name[dot...]
        }
        for needed in ["shop.css", "shop.js", "office.css", "office.js", "icon.svg", Self.picture("basket")]
        where addresses[needed] == nil {
            throw StorefrontError("there is no \(folder)/\(needed)")
        }
        self.addresses = addresses
        named = Dictionary(
            addresses.map { name, address in
                (String(name.map { $0 == "." || $0 == "/" || $0 == "-" ? "_" : $0 }), address)
            }, uniquingKeysWith: { first, _ in first })
    }

    func child(named name: String) -> Any? { named[name] }

    /// The address of the shop's icon.
    var icon: String { addresses["icon.svg"] ?? "" }

    /// The address of a product's picture; a basket for a product without one.
    func picture(_ name: String?) -> String {
        name.flatMap { addresses[Self.picture($0)] } ?? addresses[Self.picture("basket")] ?? ""
    }

    private static func picture(_ name: String) -> String { "pictures/\(name).svg" }
}
