import Foundation
import POSIX
import Pictures
import Shop
import TestSupport
import Testing

/// What the folder of the pictures says of itself.
struct PictureFolderTests {
    private let folder: TemporaryFolder
    private let pictures: PictureFolder

    init() throws {
        folder = try TemporaryFolder()
        pictures = PictureFolder(data: folder.path)
    }

    private func clear() throws {
        try pictures.removeStrays(before: Timestamp(milliseconds: .max / 2)) { _ in false }
    }

    @Test func `a shop without pictures has nothing to clear`() throws {
        try clear()
    }

    @Test func `each stray is removed, hidden ones too`() throws {
        let shelf = folder("pictures/ab")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        for name in [".x", "y", "한글"] {
            #expect(FileManager.default.createFile(atPath: "\(shelf)/\(name)", contents: nil))
        }
        try clear()
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf) == [])
    }

    @Test func `whatever keeps a folder from being read is said`() throws {
        try FileManager.default.createDirectory(atPath: folder("pictures"), withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: folder("pictures/ab"), contents: nil))
        #expect(throws: SystemError("cannot read \(folder("pictures/ab"))", code: ENOTDIR)) { try clear() }
        unlink(folder("pictures/ab"))
        #expect(symlink("ab", folder("pictures/ab")) == 0)
        #expect(throws: SystemError("cannot read \(folder("pictures/ab"))", code: ELOOP)) { try clear() }
    }
}
