import Glibc
import POSIX
public import Shop

/// Copies of pictures: beside a backup, and back in the shop. In a folder of copies, a file's time says when a backup last
/// named it.
extension PictureFolder {
    /// Copies the files that the other folder lacks, reads them again there, and gives them the time of now.
    ///
    /// - Returns: what is wrong with this folder's files, so that the other one has none of them; nil if it has them all.
    public func copy(_ picture: Picture, to other: PictureFolder) throws -> Damage? {
        if other.missing(of: picture) != nil {
            if let missing = missing(of: picture) { return .missing(missing) }
            try Self.makeFolder(other.path, 0o711)
            let shelf = try other.makeShelf(of: picture)
            for file in picture.files { try copy(file, to: other) }
            try Self.syncFolder(shelf)
            if let damage = try other.damage(of: picture) {
                try other.remove(picture)
                return damage
            }
        }
        for file in picture.files { Self.touch("\(other.path)/\(file.path)") }
        return nil
    }

    private func copy(_ file: PictureFile, to other: PictureFolder) throws {
        let source = try Self.open("\(path)/\(file.path)", O_RDONLY)
        defer { close(source) }
        let place = "\(other.path)/\(file.path)"
        let partial = place + ".partial"
        let target = try Self.open(partial, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(target) }
        try Self.forEachPiece(of: source, from: 0) { try writeAll($0, to: target, partial) }
        guard fchmod(target, 0o644) == 0, fsync(target) == 0, rename(partial, place) == 0 else {
            throw SystemError("cannot write \(place)")
        }
    }

    /// Gives all files the time of now: what no product names is kept for another week.
    public func renew() throws { try forEachFile { path, _ in Self.touch(path) } }

    /// Removes what no backup has named at this time or since.
    public func removeCopies(before time: Timestamp) throws {
        let seconds = Int(time.milliseconds / 1_000)
        try forEachFile { path, _ in
            guard Self.isOlder(path, than: seconds), unlink(path) != 0, errno != ENOENT else { return }
            throw SystemError("cannot remove \(path)")
        }
    }

    private static func touch(_ path: String) {
        // One whose time cannot be set is another's, who looks after it.
        _ = utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
    }
}
