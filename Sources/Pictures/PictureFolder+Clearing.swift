import Glibc
import POSIX
public import Shop

/// What is cleared away: files of pictures that no product names, and what was left in the middle.
extension PictureFolder {
    public func remove(_ picture: Picture) throws {
        for file in picture.files {
            guard unlink("\(path)/\(file.path)") == 0 || errno == ENOENT else {
                throw SystemError("cannot remove \(path)/\(file.path)")
            }
        }
    }

    /// Its time says when strays were last looked for to the end.
    private var lastLook: String { path + "/looked" }

    /// See `PictureStore.lastLookForStrays`.
    public func lastLookForStrays() -> Timestamp? {
        var status = stat()
        guard lstat(lastLook, &status) == 0 else { return nil }
        return Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1_000)
    }

    /// Files removed at once; takes a few milliseconds, in which an upload waits.
    private static let straysAtOnce = 100

    /// See `PictureStore.removeStrays`. Looking takes no lock, since most files belong to a picture that is known: that takes
    /// one question for each picture, and none for each file.
    public func removeStrays(before time: Timestamp, at now: Timestamp, known: (PictureHash) throws -> Bool) throws {
        try prepare()
        let seconds = Int(time.milliseconds / 1_000)
        for name in try Self.names(in: workshop) where Self.isOlder("\(workshop)/\(name)", than: seconds) {
            Self.removeTree("\(workshop)/\(name)")
        }
        for shelf in try Self.names(in: path) where shelf.utf8.count == 2 {
            var strays: [(file: String, hash: PictureHash?)] = []
            var last: (hash: PictureHash?, isKnown: Bool)?
            for name in try Self.names(in: "\(path)/\(shelf)").sorted() {
                let hash = Self.hash(ofFile: name, on: shelf)
                if last?.hash != hash || last == nil { last = (hash, try hash.map(known) ?? false) }
                let file = "\(path)/\(shelf)/\(name)"
                if last?.isKnown == false, Self.isOlder(file, than: seconds) { strays.append((file, hash)) }
            }
            guard try remove(strays, before: seconds, known) else { return }
        }
        try note(now)
    }

    /// Removes those that still are strays; false if somebody makes pictures all the time.
    private func remove(
        _ strays: [(file: String, hash: PictureHash?)], before seconds: Int, _ known: (PictureHash) throws -> Bool
    ) throws -> Bool {
        for start in stride(from: 0, to: strays.count, by: Self.straysAtOnce) {
            let done: Void? = try locked(.clearing, within: Self.clearingSeconds) {
                for (file, hash) in strays[start..<min(strays.count, start + Self.straysAtOnce)] {
                    // It may have been made again meanwhile.
                    guard Self.isOlder(file, than: seconds), try hash.map({ try !known($0) }) ?? true else { continue }
                    unlink(file)
                }
            }
            if done == nil { return false }
        }
        return true
    }

    private func note(_ time: Timestamp) throws {
        let file = try Self.open(lastLook, O_WRONLY | O_CREAT)
        defer { close(file) }
        let at = timespec(tv_sec: Int(time.milliseconds / 1_000), tv_nsec: 0)
        let both = [at, at]
        guard futimens(file, both) == 0 else { throw SystemError("cannot write \(lastLook)") }
    }
}
