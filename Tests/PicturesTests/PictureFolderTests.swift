import Foundation
import POSIX
import Shop
import TestSupport
import Testing

@testable import Pictures

/// The pictures' files on the disk: kept, copied beside a backup, brought back, and mended on the way.
struct PictureFolderTests {
    private let folder: TemporaryFolder
    private let shop: PictureFolder
    private let copies: PictureFolder

    init() throws {
        folder = try TemporaryFolder()
        shop = PictureFolder(path: folder("shop"))
        copies = PictureFolder(path: folder("copies"))
    }

    /// A picture of one size whose files are some text.
    private func keep(_ content: String = "apple") throws -> Picture {
        try shop.withWorkplace { place in
            for format in PictureFormat.allCases {
                try Data("\(content) \(format)".utf8).write(to: URL(filePath: "\(place)/100.\(format.rawValue)"))
            }
            return try shop.keep(madeAt: place, width: 100, height: 75)
        }
    }

    /// Damages one of a picture's files.
    private func damage(_ picture: Picture, in folder: PictureFolder, with content: String) throws {
        try Data(content.utf8).write(to: URL(filePath: "\(folder.path)/\(picture.files[1].path)"))
    }

    private func mode(_ path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure("there is no \(path)") }
        return Int(status.st_mode) & 0o777
    }

    // MARK: Copies

    @Test func `what is copied can be read by whoever serves it`() throws {
        let picture = try keep()
        #expect(try shop.copy(picture, to: copies) == nil)
        #expect(try copies.damage(of: picture) == nil)
        for file in picture.files { #expect(try mode("\(copies.path)/\(file.path)") == 0o644) }
        #expect(try mode(copies.path) == 0o711)
    }

    @Test(arguments: ["", "short", "apple JPEG"])
    func `a damaged copy is replaced by a good one, in both directions`(_ content: String) throws {
        let picture = try keep()
        #expect(try shop.copy(picture, to: copies) == nil)
        try damage(picture, in: copies, with: content)
        #expect(try shop.copy(picture, to: copies) == nil)
        #expect(try copies.damage(of: picture) == nil)
        try damage(picture, in: shop, with: content)
        #expect(try copies.copy(picture, to: shop) == nil)
        #expect(try shop.damage(of: picture) == nil)
    }

    @Test func `a good one is not replaced by one that is damaged`() throws {
        let picture = try keep()
        #expect(try shop.copy(picture, to: copies) == nil)
        try damage(picture, in: shop, with: "short")
        #expect(try shop.copy(picture, to: copies) == nil)
        #expect(try copies.damage(of: picture) == nil)
    }

    @Test func `where both are damaged, both stay as they are, and that is said`() throws {
        let picture = try keep()
        #expect(try shop.copy(picture, to: copies) == nil)
        try damage(picture, in: shop, with: "short")
        try damage(picture, in: copies, with: "another")
        #expect(try shop.copy(picture, to: copies) == .changed)
        #expect(try Data(contentsOf: URL(filePath: "\(copies.path)/\(picture.files[1].path)")) == Data("another".utf8))
        let shelf = "\(copies.path)/\(picture.hash.path.prefix(2))"
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).count == 2)
    }

    @Test func `of those that are not read again, the size tells`() throws {
        let picture = try keep()
        #expect(try shop.copy(picture, to: copies) == nil)
        try damage(picture, in: copies, with: "apple JPEG")
        #expect(try shop.copy(picture, to: copies, reads: false) == nil)
        #expect(try copies.damage(of: picture) == .changed)
        try damage(picture, in: copies, with: "short")
        #expect(try shop.copy(picture, to: copies, reads: false) == nil)
        #expect(try copies.damage(of: picture) == nil)
        unlink("\(copies.path)/\(picture.files[0].path)")
        #expect(try shop.copy(picture, to: copies, reads: false) == nil)
        #expect(try copies.damage(of: picture) == nil)
    }

    // MARK: Clearing

    /// Later than anything that the tests make.
    private static let future = Timestamp(milliseconds: 4_000_000_000_000)

    @Test func `strays are removed, with one question for each picture that is known`() throws {
        let known = try keep()
        let stray = try keep("pear")
        try Data().write(to: URL(filePath: "\(shop.path)/\(known.hash.path.prefix(2))/note"))
        var asked: [PictureHash] = []
        let ask = { (hash: PictureHash) -> Bool in
            asked.append(hash)
            return hash == known.hash
        }
        #expect(shop.lastLookForStrays() == nil)
        try shop.removeStrays(before: Timestamp(milliseconds: 1_000), at: Timestamp(milliseconds: 5_000), known: ask)
        #expect(shop.missing(of: stray) == nil, "it is young")
        #expect(asked.count == 2)
        #expect(shop.lastLookForStrays() == Timestamp(milliseconds: 5_000))
        asked = []
        try shop.removeStrays(before: Self.future, at: Self.future, known: ask)
        #expect(shop.missing(of: known) == nil && shop.missing(of: stray) != nil)
        #expect(asked.filter { $0 == known.hash }.count == 1)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(shop.path)/\(known.hash.path.prefix(2))").count == 2)
        #expect(shop.lastLookForStrays() == Self.future)
    }

    private func clear() throws {
        try shop.removeStrays(before: Self.future, at: Self.future) { _ in false }
    }

    @Test func `a shop without pictures has nothing to clear`() throws {
        try clear()
    }

    @Test func `each stray is removed, hidden ones too`() throws {
        let shelf = folder("shop/ab")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        for name in [".x", "y", "한글"] {
            #expect(FileManager.default.createFile(atPath: "\(shelf)/\(name)", contents: nil))
        }
        try clear()
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf) == [])
    }

    @Test func `whatever keeps a folder from being read is said`() throws {
        try FileManager.default.createDirectory(atPath: folder("shop"), withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: folder("shop/ab"), contents: nil))
        #expect(throws: SystemError("cannot read \(folder("shop/ab"))", code: ENOTDIR)) { try clear() }
        unlink(folder("shop/ab"))
        #expect(symlink("ab", folder("shop/ab")) == 0)
        #expect(throws: SystemError("cannot read \(folder("shop/ab"))", code: ELOOP)) { try clear() }
    }

    @Test func `while somebody makes pictures, strays are left for the next look`() throws {
        let stray = try keep()
        let looked: Void? = try shop.locked(.making, within: 0) {
            try shop.removeStrays(before: Self.future, at: Self.future) { _ in false }
        }
        #expect(looked != nil && shop.missing(of: stray) == nil && shop.lastLookForStrays() == nil)
    }

    @Test func `looking for strays holds up nobody who makes pictures`() throws {
        _ = try keep()
        var hadTheirTurn = false
        try shop.removeStrays(before: Self.future, at: Self.future) { _ in
            hadTheirTurn = try shop.locked(.making, within: 0) { true } ?? false
            return true
        }
        #expect(hadTheirTurn)
    }

    @Test(arguments: [(PictureFolder.Use.making, PictureFolder.Use.clearing), (.clearing, .making)])
    func `one waits for the other no longer than it is told`(
        _ one: PictureFolder.Use, _ other: PictureFolder.Use
    ) throws {
        let refused = try shop.locked(one, within: 0) { try shop.locked(other, within: 0.05) { true } }
        #expect(refused == .some(nil))
        #expect(try shop.locked(other, within: 0) { true } == true)
        #expect(try shop.locked(.making, within: 0) { try shop.locked(.making, within: 0) { true } } == true)
    }

    // MARK: Folders

    @Test func `a folder that was left in the middle of its making is finished`() throws {
        let picture = try keep()
        let shelf = "\(copies.path)/\(picture.hash.path.prefix(2))"
        try FileManager.default.createDirectory(
            atPath: shelf, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        chmod(copies.path, 0o700)
        #expect(try shop.copy(picture, to: copies) == nil)
        #expect(try mode(shelf) == 0o711 && mode(copies.path) == 0o711)
    }

    @Test func `one to which somebody has given other rights keeps them`() throws {
        _ = try keep()
        chmod(shop.path, 0o750)
        _ = try keep("pear")
        #expect(try mode(shop.path) == 0o750)
    }
}
