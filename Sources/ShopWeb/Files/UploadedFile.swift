import Crypto
import Glibc
import Shop
import Web

/// A file that somebody has sent, a picture or one of products: a part of a request's body, or all of it.
struct UploadedFile: PictureSource {
    private let content: BodyContent
    private let range: Range<Int>

    init(_ content: BodyContent, _ range: Range<Int>) {
        self.content = content
        self.range = range
    }

    /// All of the body.
    init(_ request: Request) throws {
        try request.checkFile()
        let content = try BodyContent(request)
        self.init(content, 0..<content.size)
    }

    var size: Int { range.count }

    /// The SHA-256 of all of it.
    func hash() throws -> [UInt8] {
        var hasher = SHA256()
        try forEachPiece { hasher.update(bufferPointer: $0) }
        return Array(hasher.finalize())
    }

    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        do {
            try content.forEachPiece(of: range, body)
        } catch let error as BodyError {
            throw UnavailableError("what was sent cannot be read again: errno \(error.code)")
        }
    }
}

extension Request {
    /// Throws `UnavailableError` if the body could not be written to its file.
    func checkFile() throws {
        guard case .file(let file) = body, file.error != 0 else { return }
        let isFull = file.error == ENOSPC || file.error == EDQUOT
        throw UnavailableError("what was sent cannot be kept: errno \(file.error)", isFull ? .diskFull : .other)
    }
}

/// Which large bodies are kept: those of pictures and of files of products, from who may change products. All others are
/// discarded as they come.
struct Uploads: Sendable {
    private static let patterns: Set<String> = [
        SiteRoute.officePictures.rawValue, SiteRoute.managedProducts.rawValue, "/api/v1" + ProductsAPI.picturesPattern,
        SiteRoute.productImport.rawValue, "/api/v1" + ProductImportsAPI.pattern,
    ]
    /// As much as nginx lets through: of a picture that is somewhat too large, the form's other fields are shown again.
    static let mostBytes = 12 * 1024 * 1024

    let shop: Shop

    /// Whether the request's body is kept, by its head alone.
    func keep(_ request: Request, _ router: Router) -> Bool {
        guard request.method == .post, let match = try? router.match(request), Self.patterns.contains(match.pattern)
        else { return false }
        do {
            let staff: Staff
            if request.path.utf8.starts(with: "/api/".utf8) {
                staff = try Access(accounts: shop.accounts).staff(request).staff
            } else {
                guard request.isOwn, let token = Cookie.session.value(in: request).flatMap({ Token($0) }) else {
                    return false
                }
                staff = try shop.accounts.staff(token, by: .browser, from: request.remoteAddress).staff
            }
            _ = try shop.productAdministration(by: staff)
            return true
        } catch {
            // The handler finds the same, and answers it.
            return false
        }
    }
}
