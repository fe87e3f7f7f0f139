import Glibc
import POSIX

/// Another program, run to its end. One at a time: it is ended if this process is interrupted.
enum Program {
    struct Outcome {
        let status: Int32
        /// Its output; if it has an `output` of its own, its standard error.
        let words: String
    }

    /// - Parameters:
    ///   - input: its standard input; /dev/null if nil.
    ///   - output: its standard output; if nil, that is read and returned, and standard error is not.
    ///   - environment: `NAME=value`, beside the path and the language.
    static func run(
        _ name: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil, environment: [String] = []
    ) throws -> Outcome {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("cannot start \(name)") }
        // The program gets only the end passed to it below.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output ?? ends[1], 1)
        if output != nil {
            posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }

        // Our signals are blocked, and should not be in the program.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        var argv = ([name] + arguments).map { strdup($0) } + [nil]
        var envp = (["PATH=" + path, "LC_ALL=C"] + environment).map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var code: Int32 = 0
        let started = Interruption.start {
            var pid: pid_t = 0
            code = posix_spawnp(&pid, name, &actions, &attributes, &argv, &envp)
            return code == 0 ? pid : nil
        }
        close(ends[1])
        guard let started else { throw SystemError("cannot start \(name)", code: code) }
        let words = readAll(ends[0])
        var raw: Int32 = 0
        while waitpid(started, &raw, 0) < 0, errno == EINTR {}
        Interruption.ended()
        return Outcome(status: raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + (raw & 0x7f), words: words)
    }

    private static func readAll(_ file: Int32) -> String {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(file, &bytes, bytes.count)
            if count > 0 { all += bytes.prefix(count) } else if count == 0 || errno != EINTR { break }
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// Compression, by the program that every machine has. Its checksum covers every byte.
enum Gzip {
    private static let magic: [UInt8] = [0x1f, 0x8b]

    static func isPacked(_ file: Int32) -> Bool {
        var bytes: [UInt8] = [0, 0]
        return pread(file, &bytes, 2, 0) == 2 && bytes == magic
    }

    static func pack(_ file: Int32, into packed: PartialFile) throws {
        try run("pack \(packed.partialPath)", ["--stdout", "--no-name"], input: file, output: packed.file)
    }

    static func test(_ packed: PartialFile) throws {
        try run("read \(packed.partialPath)", ["--test"], input: packed.file)
    }

    static func unpack(_ file: Int32, into unpacked: PartialFile) throws {
        try run(
            "unpack into \(unpacked.partialPath)", ["--stdout", "--decompress"], input: file, output: unpacked.file)
    }

    /// Reads the file from its start, wherever it was read before: the descriptors share one position.
    private static func run(_ what: String, _ arguments: [String], input: Int32, output: Int32? = nil) throws {
        guard lseek(input, 0, SEEK_SET) == 0 else { throw SystemError("cannot \(what)") }
        let outcome = try Program.run("gzip", arguments, input: input, output: output)
        guard outcome.status == 0 else {
            let words = outcome.words.split(separator: "\n").joined(separator: "; ")
            throw CommandError("cannot \(what): \(words.isEmpty ? "gzip ended with \(outcome.status)" : words)")
        }
    }
}
