import Crypto
import FoundationEssentials
import Glibc
import POSIX
public import Shop

/// The folder of the pictures' files, below the data folder: `pictures/ab/cdef…-480.webp`.
///
/// nginx reads the files and can neither list the folder nor see anything beside it. A file is written whole, and is on
/// the disk before its picture is known; a picture that is there already is written again, so that one that was damaged
/// is mended.
public struct PictureFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// - Parameter data: the data folder, or another that has a folder `pictures`.
    public init(data: String) { path = data + "/pictures" }

    /// Where pictures are made, each in a folder of its own. Only the shop looks in there.
    var workshop: String { path + "/new" }

    // MARK: The lock

    public enum Use: Sendable { case making, clearing }

    /// How long clearing waits for those who make pictures. It can do it another time.
    static let clearingSeconds = 2.0
    /// How often somebody who waits looks: flock itself waits without a bound.
    private static let lookMicroseconds: useconds_t = 10_000

    /// Runs the work while nobody clears, or while nobody makes; nil if that did not come to be within this time. The
    /// kernel ends it however the process ends.
    public func locked<Result>(_ use: Use, within seconds: Double, _ work: () throws -> Result) throws -> Result? {
        try prepare()
        let lock = try Self.open(path + "/lock", O_RDONLY | O_CREAT)
        defer { close(lock) }
        let deadline = ContinuousClock.now + .seconds(seconds)
        while flock(lock, (use == .making ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError("cannot lock \(path)") }
            if ContinuousClock.now >= deadline { return nil }
            usleep(Self.lookMicroseconds)
        }
        return try work()
    }

    func prepare() throws {
        try Self.makeFolder(path, 0o711)
        try Self.makeFolder(workshop, 0o700)
    }

    // MARK: Making

    /// A new file in the workshop that has no name any more: it is gone with the last descriptor.
    public func namelessFile() throws -> Int32 {
        try prepare()
        let name = "\(workshop)/file-\(UInt64.random(in: 0 ... .max))"
        let file = try Self.open(name, O_RDWR | O_CREAT | O_EXCL)
        unlink(name)
        return file
    }

    /// Runs the work with a new, empty folder in the workshop, which is removed afterwards.
    func withWorkplace<Result>(_ work: (String) throws -> Result) throws -> Result {
        try prepare()
        var name = Array((workshop + "/XXXXXX").utf8CString)
        guard mkdtemp(&name) != nil else { throw SystemError("cannot write into \(workshop)") }
        let place = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { Self.removeTree(place) }
        return try work(place)
    }

    /// Keeps the files that were made at a workplace, `480.webp` and so on, as a picture.
    func keep(madeAt place: String, width: Int, height: Int) throws -> Picture {
        let made = Picture.sizes(upTo: width).flatMap { width in
            PictureFormat.allCases.map { "\(place)/\(width).\($0.rawValue)" }
        }
        let picture = Picture(hash: try Self.hash(of: made), width: width, height: height)
        let target = try makeShelf(of: picture)
        for (from, file) in zip(made, picture.files) {
            let descriptor = try Self.open(from, O_RDWR)
            defer { close(descriptor) }
            guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
                throw SystemError("cannot write \(from)")
            }
            guard rename(from, "\(path)/\(file.path)") == 0 else { throw SystemError("cannot make \(file.path)") }
        }
        try Self.syncFolder(target)
        return picture
    }

    /// Makes the folder of a picture's files.
    func makeShelf(of picture: Picture) throws -> String {
        let shelf = "\(path)/\(picture.hash.path.prefix(2))"
        try Self.makeFolder(shelf, 0o711)
        return shelf
    }

    static func hash(of files: [String]) throws -> PictureHash {
        var all = SHA256()
        for file in files { all.update(data: try hash(of: file)) }
        guard let hash = PictureHash(Array(all.finalize())) else { preconditionFailure("a SHA-256 of another length") }
        return hash
    }

    private static func hash(of file: String) throws -> [UInt8] {
        let descriptor = try open(file, O_RDONLY)
        defer { close(descriptor) }
        var hasher = SHA256()
        try forEachPiece(of: descriptor, from: 0) { hasher.update(bufferPointer: $0) }
        return Array(hasher.finalize())
    }

    // MARK: Looking

    /// What is wrong with a picture's files.
    public enum Damage: Sendable, Equatable {
        case missing(PictureFile)
        /// Some file is not what it was.
        case changed
    }

    /// Reads all of a picture's files; nil if they are as they were made.
    public func damage(of picture: Picture) throws -> Damage? {
        if let missing = missing(of: picture) { return .missing(missing) }
        do {
            let hash = try Self.hash(of: picture.files.map { "\(path)/\($0.path)" })
            return hash == picture.hash ? nil : .changed
        } catch let error as SystemError where error.code == EIO {
            // The disk has lost it.
            return .changed
        }
    }

    /// The first of a picture's files that is not there.
    public func missing(of picture: Picture) -> PictureFile? {
        picture.files.first { access("\(path)/\($0.path)", F_OK) != 0 }
    }

    /// The paths of the folders that the files are in.
    public func folders() throws -> [String] {
        try Self.names(in: path).filter { $0.utf8.count <= 3 }.map { "\(path)/\($0)" }
    }

    /// Passes on the path of each file, and the hash that it is named after.
    func forEachFile(_ body: (_ path: String, PictureHash?) throws -> Void) throws {
        for shelf in try Self.names(in: path) where shelf.utf8.count == 2 {
            for name in try Self.names(in: "\(path)/\(shelf)") {
                try body("\(path)/\(shelf)/\(name)", Self.hash(ofFile: name, on: shelf))
            }
        }
    }

    /// The hash that a file is named after; nil for what is none of a picture's.
    static func hash(ofFile name: String, on shelf: String) -> PictureHash? {
        PictureHash(hex: shelf + name.prefix { $0 != "-" })
    }

    static func isOlder(_ file: String, than seconds: Int) -> Bool {
        var status = stat()
        return lstat(file, &status) == 0 && status.st_mtim.tv_sec < seconds
    }

    /// None if there is no such folder.
    static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw SystemError("cannot read \(folder)")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                // At its end, too, there is no entry.
                guard errno == 0 else { throw SystemError("cannot read \(folder)") }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// What cannot be removed now is a stray of the next time.
    static func removeTree(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    // MARK: Files

    /// Makes a folder, unless it is there. The mode comes last, so one that was left in the middle is known by its mode; one
    /// to which somebody has given another keeps it.
    static func makeFolder(_ path: String, _ mode: mode_t) throws {
        if mkdir(path, unfinished) != 0 {
            guard errno == EEXIST else { throw SystemError("cannot make the folder \(path)") }
            var status = stat()
            guard mode != unfinished, stat(path, &status) == 0, status.st_mode & 0o777 == unfinished else { return }
        }
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        giveToOwner(besides: path, folder)
        // What is made in it and synced could still be lost with its name.
        try syncFolder(around: path)
        guard fchmod(folder, mode) == 0 else { throw SystemError("cannot make the folder \(path)") }
    }

    private static let unfinished: mode_t = 0o700

    static func open(_ path: String, _ flags: Int32) throws -> Int32 {
        // Root may be asking, in a folder that is not root's: a link that somebody planted there is not followed.
        let file = Glibc.open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemError("cannot open \(path)") }
        if flags & O_CREAT != 0 { giveToOwner(besides: path, file) }
        return file
    }

    /// Gives what root made to whom the folder around it belongs: the shop, which could not write it otherwise.
    private static func giveToOwner(besides path: String, _ file: Int32) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat(folder(around: path), &status) == 0 else { return }
        // A file system without owners does not need it.
        _ = fchown(file, status.st_uid, status.st_gid)
    }

    private static func folder(around path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func syncFolder(around path: String) throws {
        // The folder around all pictures may be a link, which is the sysadmin's.
        let folder = Glibc.open(folder(around: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SystemError("cannot open the folder around \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SystemError("cannot sync the folder around \(path)") }
    }

    static func syncFolder(_ path: String) throws {
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SystemError("cannot sync \(path)") }
    }

    /// Reads the file to its end, in pieces.
    static func forEachPiece(
        of file: Int32, from offset: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
            var at = offset
            while true {
                let count = pread(file, buffer.baseAddress, buffer.count, at)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw SystemError("cannot read a file") }
                if count == 0 { return }
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                at += count
            }
        }
    }
}

/// Writes all of it.
func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw SystemError("cannot write \(path)") }
        rest = rest.dropFirst(count)
    }
}
