import Glibc
import POSIX
public import Shop

/// Copies of pictures: beside a backup, and back in the shop. In a folder of copies, a file's time says when a backup last
/// named it.
extension PictureFolder {
    /// Copies the files of a picture that the other folder lacks, or that are damaged there, reads them again there, and gives
    /// them the time of now. What the other folder has is replaced only by files that are as they were made.
    ///
    /// - Parameter reads: whether files that are there are read; otherwise only their sizes are compared.
    /// - Returns: what is wrong with the picture in both folders; nil if the other one has it now.
    public func copy(_ picture: Picture, to other: PictureFolder, reads: Bool = true) throws -> Damage? {
        if reads || !hasSameSizes(picture, as: other), try other.damage(of: picture) != nil {
            if let missing = missing(of: picture) { return .missing(missing) }
            try Self.makeFolder(other.path, 0o711)
            guard try replace(picture, in: other) else { return .changed }
        }
        for file in picture.files { Self.touch("\(other.path)/\(file.path)") }
        return nil
    }

    /// Whether the other folder's files are as large as this one's. False if one of them is not there.
    private func hasSameSizes(_ picture: Picture, as other: PictureFolder) -> Bool {
        picture.files.allSatisfy { file in
            guard let size = Self.size("\(path)/\(file.path)") else { return false }
            return Self.size("\(other.path)/\(file.path)") == size
        }
    }

    private static func size(_ path: String) -> Int? {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Copies all of a picture's files beside their places, and puts them there if they are what they should be; otherwise
    /// answers false.
    private func replace(_ picture: Picture, in other: PictureFolder) throws -> Bool {
        let shelf = try other.makeShelf(of: picture)
        let places = picture.files.map { "\(other.path)/\($0.path)" }
        var isDone = false
        defer { if !isDone { for place in places { unlink(Self.partial(place)) } } }
        for (file, place) in zip(picture.files, places) {
            try Self.copy("\(path)/\(file.path)", to: Self.partial(place))
        }
        guard try Self.hash(of: places.map(Self.partial)) == picture.hash else { return false }
        for place in places where rename(Self.partial(place), place) != 0 { throw SystemError("cannot write \(place)") }
        isDone = true
        try Self.syncFolder(shelf)
        return true
    }

    private static func partial(_ place: String) -> String { place + ".partial" }

    private static func copy(_ from: String, to place: String) throws {
        let source = try open(from, O_RDONLY)
        defer { close(source) }
        let target = try open(place, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(target) }
        try forEachPiece(of: source, from: 0) { try writeAll($0, to: target, place) }
        guard fchmod(target, 0o644) == 0, fsync(target) == 0 else { throw SystemError("cannot write \(place)") }
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
