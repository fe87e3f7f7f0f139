/// A picture of a product as the shop keeps it: upright, without what the camera wrote, in several sizes and formats.
public struct Picture: Sendable, Hashable {
    /// The widths that are made, in pixels, as far as the original has them: none is enlarged.
    public static let widths = [160, 480, 960]
    /// Of the largest size, in pixels.
    public static let widthRange = 1...960
    /// A WebP can be no higher.
    public static let heightRange = 1...16_383

    public let hash: PictureHash
    /// Of the largest size, in pixels.
    public let width: Int
    public let height: Int

    public init(hash: PictureHash, width: Int, height: Int) {
        self.hash = hash
        self.width = width
        self.height = height
    }

    /// The widths that there are, the smallest first. The last one is `width`.
    public var sizes: [Int] { Self.sizes(upTo: width) }

    /// The widths of a picture whose largest size has this one.
    public static func sizes(upTo width: Int) -> [Int] { widths.filter { $0 < width } + [width] }

    /// Its files, in the order in which its hash is made from them.
    public var files: [PictureFile] {
        sizes.flatMap { width in
            PictureFormat.allCases.map { PictureFile(hash: hash, width: width, format: $0) }
        }
    }
}

/// What a picture's files are.
public enum PictureFormat: String, Sendable, CaseIterable {
    case webp
    /// For what cannot read WebP.
    case jpeg = "jpg"

    public var mediaType: String {
        switch self {
        case .webp: "image/webp"
        case .jpeg: "image/jpeg"
        }
    }
}

/// One size of a picture in one format.
public struct PictureFile: Sendable, Hashable {
    public let hash: PictureHash
    /// In pixels.
    public let width: Int
    public let format: PictureFormat

    public init(hash: PictureHash, width: Int, format: PictureFormat) {
        self.hash = hash
        self.width = width
        self.format = format
    }

    /// Its place below the folder of all pictures: `ab/cdef…-480.webp`.
    public var path: String { "\(hash.path)-\(width).\(format.rawValue)" }
}

/// The SHA-256 of a picture's content: of the SHA-256 of each of its files.
public struct PictureHash: Sendable, Hashable {
    public static let byteCount = 32

    public let bytes: [UInt8]

    /// nil for another number of bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// nil for anything but 64 digits in small letters.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count == 2 * Self.byteCount, hex.utf8.count == digits.count else { return nil }
        bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// How its files' paths begin: `ab/cdef…`.
    public var path: String {
        let hex = hex
        return "\(hex.prefix(2))/\(hex.dropFirst(2))"
    }
}

extension Picture {
    /// How a product's row names its first picture; no drawing that comes with the shop has such a name.
    public var stored: String { "/\(Base64.encode(hash.bytes, Base64.url))/\(width)/\(height)" }

    /// nil for the name of a drawing.
    public init?(stored text: String) {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.decode(parts[0], Base64.url), let hash = PictureHash(bytes),
            let width = Int(parts[1]), let height = Int(parts[2])
        else { return nil }
        self.init(hash: hash, width: width, height: height)
    }
}

extension Product {
    /// The first of its own pictures; nil if it has none.
    public var photo: Picture? { picture.flatMap { Picture(stored: $0) } }
}

/// A product's picture, with its words.
public struct ProductPicture: Sendable, Equatable {
    /// In characters.
    public static let textLength = 1...200
    /// How many a product can have.
    public static let most = 8

    public let picture: Picture
    /// What it shows, for those who do not see it.
    public let text: String

    public init(picture: Picture, text: String) {
        self.picture = picture
        self.text = text
    }
}

public protocol PictureRepository {
    /// The product's pictures in their order.
    func list(of product: ProductID) throws -> [ProductPicture]
    /// Replaces the product's pictures. What no product names any more counts as unused from now on.
    func set(_ pictures: [ProductPicture], of product: ProductID, at time: Timestamp) throws
    /// A picture that is known, whether a product names it or not.
    func find(_ hash: PictureHash) throws -> Picture?
    /// Pictures that no product has named at this time or since.
    func unused(since time: Timestamp, limit: Int) throws -> [Picture]
    /// Forgets a picture that no product names.
    func forget(_ hash: PictureHash) throws
}
