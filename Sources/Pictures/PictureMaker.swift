import Dispatch
import Glibc
import POSIX
public import Shop

/// Makes pictures in the folder, each in a process of its own (`jangteo picture`): what a file does to the library that
/// decodes it, it does to that process, which has little memory, little time, and nothing of the shop's open.
public final class PictureMaker: PictureStore {
    /// The one at work takes some 200 MB for a moment.
    private static let atOnce = 1
    /// How long somebody waits for their turn.
    private static let waitSeconds = 20.0
    /// How long somebody waits while pictures are cleared away, which takes milliseconds at a time.
    static let lockSeconds = 5.0
    /// How long one picture may take in all; its own bound on processor time is lower.
    static let seconds = 30.0

    private let folder: PictureFolder
    /// This program.
    private let program: String
    private let turns = DispatchSemaphore(value: PictureMaker.atOnce)

    public init(_ folder: PictureFolder, program: String = "/proc/self/exe") {
        self.folder = folder
        self.program = program
    }

    public func whileKept<Result>(_ work: () throws -> Result) throws -> Result {
        // What goes wrong with the lock is the system's; with the work, whatever the work says.
        let result = try unavailable {
            try folder.locked(.making, within: Self.lockSeconds) { Swift.Result { try work() } }
        }
        guard let result else {
            throw UnavailableError("pictures are being cleared away for too long", retryAfterSeconds: 5)
        }
        return try result.get()
    }

    public func whileNobodyMakes<Result>(_ work: () throws -> Result) throws -> Result? {
        try folder.locked(.clearing, within: PictureFolder.clearingSeconds, work)
    }

    public func remove(_ picture: Picture) throws { try folder.remove(picture) }

    public func removeStrays(before time: Timestamp, at now: Timestamp, known: (PictureHash) throws -> Bool) throws {
        try folder.removeStrays(before: time, at: now, known: known)
    }

    public func lastLookForStrays() throws -> Timestamp? { folder.lastLookForStrays() }

    public func make(from source: any PictureSource) throws -> Picture {
        guard source.size <= PictureFlaw.mostBytes else { throw ShopError.pictureRefused(.tooLarge) }
        guard turns.wait(timeout: .now() + Self.waitSeconds) == .success else {
            throw UnavailableError("too many pictures at once", retryAfterSeconds: 5)
        }
        defer { turns.signal() }
        do {
            return try unavailable { try folder.withWorkplace { place in try make(source, at: place) } }
        } catch let flaw as PictureFlaw {
            throw ShopError.pictureRefused(flaw)
        }
    }

    private func make(_ source: any PictureSource, at place: String) throws -> Picture {
        let original = try folder.namelessFile()
        defer { close(original) }
        try source.forEachPiece { try writeAll($0, to: original, place) }
        let child = try BoundedProcess.run(
            program, ["jangteo", "picture", place], input: original, seconds: Self.seconds)
        guard let child else { throw PictureFlaw.damaged }
        let words = child.output.split(whereSeparator: \.isWhitespace).map { String($0) }
        switch (child.status, words.first) {
        case (0, "made"):
            guard words.count == 3, let width = Int(words[1]), let height = Int(words[2]),
                Picture.widthRange.contains(width), Picture.heightRange.contains(height)
            else { break }
            return try folder.keep(madeAt: place, width: width, height: height)
        case (0, "refused"):
            if words.count == 2, let flaw = PictureFlaw(rawValue: words[1]) { throw flaw }
        default: break
        }
        throw UnavailableError("jangteo picture ended with \(child.status): \(child.output)")
    }

    /// What the system refuses is nobody's fault who sent a picture.
    private func unavailable<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as SystemError {
            let isFull = error.code == ENOSPC || error.code == EDQUOT
            throw UnavailableError("\(error)", isFull ? .diskFull : .other)
        }
    }
}
