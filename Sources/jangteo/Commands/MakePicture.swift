import ArgumentParser
import FoundationEssentials
import Glibc
import POSIX
import Pictures
import Shop

struct MakePicture: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "picture",
        abstract: "Makes the sizes of one picture from standard input; the shop runs this for each picture.",
        discussion: """
            Writes 480.webp, 480.jpg and so on into DIR and says 'made WIDTH HEIGHT', or says 'refused' and why. Nothing but \
            JPEG, PNG and WebP is decoded, by the program vips, with bounds on memory, time and pixels.
            """)

    @Argument(help: ArgumentHelp("An empty folder.", valueName: "dir"))
    var folder: String

    func run() throws {
        closeAllElse()
        try Bounds.apply()
        do {
            _ = try PictureHead(beginning())
            let whole = try PictureHead(decoded())
            for width in Picture.sizes(upTo: whole.width) {
                try Vips.make(from: base, "\(folder)/\(width).webp[Q=80,strip]", width: width)
                // Where something is to be seen through, it is white.
                try Vips.make(
                    from: base, "\(folder)/\(width).jpg[Q=82,strip,optimize_coding,background=255]", width: width)
            }
            unlink(base)
            print("made \(whole.width) \(whole.height)")
        } catch let flaw as PictureFlaw {
            print("refused \(flaw.rawValue)")
        }
    }

    /// Closes whatever the shop was started with, but for standard input and what this command reports to.
    private func closeAllElse() {
        // Without /proc nothing is known of it, and vips cannot run either.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// The largest size, upright, in the colours of screens, and without loss: the others are made from it.
    private var base: String { folder + "/base.png" }

    private func beginning() throws -> [UInt8] { try read(STDIN_FILENO, atMost: PictureHead.longest) }

    /// Decodes the original; the beginning of what came out.
    private func decoded() throws -> [UInt8] {
        try Vips.make(
            from: "/proc/self/fd/0", base + "[strip,compression=1]", width: Picture.widthRange.upperBound,
            ["--fail-on", "error", "--export-profile", "srgb"])
        let file = open(base, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("cannot open \(base)") }
        defer { close(file) }
        // All of our own making: the header is in front.
        return try read(file, atMost: 64 * 1024)
    }

    private func read(_ file: Int32, atMost most: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < most {
            let count = pread(file, &piece, min(piece.count, most - bytes.count), off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("cannot read the picture") }
            if count == 0 { break }
            bytes += piece.prefix(count)
        }
        return bytes
    }
}

/// What one picture may cost. The programs that this one starts have the same bounds.
private enum Bounds {
    /// All that is mapped, the libraries too: 50,000,000 pixels need 600 MB of it, or less.
    static let memoryBytes: rlim_t = 1 << 30
    static let processorSeconds: rlim_t = 15
    /// Of one file.
    static let fileBytes: rlim_t = 128 << 20
    static let openFiles: rlim_t = 64

    static func apply() throws {
        let bounds: [(__rlimit_resource, rlim_t)] = [
            (RLIMIT_AS, memoryBytes), (RLIMIT_CPU, processorSeconds), (RLIMIT_FSIZE, fileBytes),
            (RLIMIT_NOFILE, openFiles), (RLIMIT_CORE, 0),
        ]
        for (resource, most) in bounds {
            var limit = rlimit(rlim_cur: most, rlim_max: most)
            guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
                throw SystemError("cannot bound what a picture costs")
            }
        }
        goFirstWhenMemoryIsShort()
    }
}

/// The shop itself is told to go last, and what it starts is, too.
private func goFirstWhenMemoryIsShort() {
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    // Without it there are the other bounds.
    guard file >= 0 else { return }
    defer { close(file) }
    _ = write(file, "500", 3)
}

/// The program `vips` of Debian's libvips-tools.
private enum Vips {
    private static let environment = [
        // Only the loaders that are tested against hostile files.
        "VIPS_BLOCK_UNTRUSTED=1",
        // It would make code as it runs, which the shop's unit does not permit.
        "VIPS_NOVECTOR=1",
        "VIPS_CONCURRENCY=1",
        // A picture is held in memory, which has a bound, and not in a file.
        "VIPS_DISC_THRESHOLD=1g",
    ]

    /// Makes a picture of at most this width from another one; none is enlarged.
    ///
    /// Throws `PictureFlaw.damaged` for what it cannot decode within the bounds.
    static func make(from path: String, _ result: String, width: Int, _ options: [String] = []) throws {
        let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nothing >= 0 else { throw SystemError("cannot open /dev/null") }
        defer { close(nothing) }
        let arguments =
            ["thumbnail", path, result, "\(width)", "--height", "\(Picture.heightRange.upperBound)", "--size", "down"]
            + options
        let outcome = try Program.run(
            "vips", arguments, input: STDIN_FILENO, output: nothing, environment: environment)
        if outcome.status == 0 { return }
        if outcome.words.contains(SystemError.words(ENOSPC)) {
            throw SystemError("cannot make a picture", code: ENOSPC)
        }
        throw PictureFlaw.damaged
    }
}
