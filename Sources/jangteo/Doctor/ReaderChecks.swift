import FoundationEssentials
import Glibc
import SQLite
import ShopStore

/// Processes that read the database for so long that its log cannot start over.
let readerChecks = [
    Check("readers") { patient in
        let path = patient.settings.database
        guard let log = status(of: path + "-wal"), let shared = status(of: path + "-shm") else { return nil }
        let bound = Connection.logBytes(frames: SQLiteStore.Options().walFrames)
        guard log.st_size > bound else { return nil }
        let first = try readers(shared)
        // The shop's pages and short queries are done by then.
        usleep(Bounds.microsecondsBetweenLooks)
        let staying = try readers(shared).intersection(first)
        let says = "\(path)-wal has \(log.st_size >> 20) MiB"
        guard !staying.isEmpty else {
            // The kernel does not show locks of processes that have no id here.
            return Finding(
                "\(says), and no process that can be seen from here reads for long",
                do: "a running shop cuts it within seconds, so start the shop or run this again; of what reads in "
                    + "another container fuser -v \(path)-shm tells, run as root on the machine itself")
        }
        let names = staying.sorted().map { ReadingProcess($0).text }.joined(separator: ", ")
        return Finding(
            "\(says), and grows until it is not read any more by \(names)",
            do: "end that process, or wait for it: the shop cuts the log then by itself")
    }
]

private enum Bounds {
    static let microsecondsBetweenLooks: UInt32 = 1_000_000
    /// For a command line; the rest of a long one says little.
    static let commandCharacters = 200
}

/// The processes that read the database, other than the shop itself.
private func readers(_ shared: stat) throws -> Set<pid_t> {
    let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
    let all = locks.split(separator: "\n").compactMap { ReaderLock($0, of: shared)?.pid }
    return Set(all.filter { $0 != getpid() && !ReadingProcess($0).isTheShop })
}

/// A line of `/proc/locks` (`proc_locks(5)`) for a reader of an SQLite log.
private struct ReaderLock {
    let pid: pid_t

    /// SQLite's WAL-index format, "WAL locks": each reader locks one of these bytes of the shared memory file.
    private static let bytes = 123...127

    /// nil for any other lock, or one on another file.
    init?(_ line: Substring, of file: stat) {
        // `4: POSIX ADVISORY READ 990 fe:00:16236858 124 124`; a waiting one has an arrow in second place.
        let fields = line.split(separator: " ")
        guard fields.count == 8, fields[3] == "READ", let pid = pid_t(fields[4]), let first = Int(fields[6]) else {
            return nil
        }
        let last = fields[7] == "EOF" ? Int.max : Int(fields[7]) ?? 0
        // Adjacent ranges of one process are reported as one.
        guard first <= Self.bytes.upperBound, last >= Self.bytes.lowerBound else { return nil }
        let place = fields[5].split(separator: ":")
        guard place.count == 3, ino_t(place[2]) == file.st_ino, let major = dev_t(place[0], radix: 16),
            let minor = dev_t(place[1], radix: 16),
            Self.device(major, minor) == file.st_dev || Self.hasOpen(file, pid)
        else { return nil }
        self.pid = pid
    }

    /// Like `makedev(3)`, a C macro, for the 12 and 20 bits on Linux.
    private static func device(_ major: dev_t, _ minor: dev_t) -> dev_t {
        major << 8 | (minor >> 8) << 20 | minor & 0xff
    }

    /// Some file systems (btrfs, overlayfs) report a different device for a file than for its locks.
    private static func hasOpen(_ file: stat, _ pid: pid_t) -> Bool {
        // Without access to the process there is only the device to go by.
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
        return descriptors.contains { descriptor in
            let open = status(of: "/proc/\(pid)/fd/\(descriptor)")
            return open?.st_dev == file.st_dev && open?.st_ino == file.st_ino
        }
    }
}

/// What is known about the process.
private struct ReadingProcess {
    let pid: pid_t
    private let arguments: [Substring]

    init(_ pid: pid_t) {
        self.pid = pid
        // One that has ended meanwhile, or is hidden from this user, has no command line.
        let line = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        arguments = line.split(separator: "\0")
    }

    var isTheShop: Bool {
        arguments.count > 1 && arguments[0].split(separator: "/").last == "jangteo" && arguments[1] == "serve"
    }

    var text: String {
        guard let folder = status(of: "/proc/\(pid)") else {
            return "process \(pid) (root is told more of it)"
        }
        let user = getpwuid(folder.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(folder.st_uid)"
        let began = ProcessNumbers("\(pid)").map { BackupTime(seconds: Int($0.startedAt)).text }
        return "process \(pid) (\(command), of the user \(user), running since \(began ?? "some time"))"
    }

    /// The command line, without anything that would start a new line or color a terminal.
    private var command: String {
        let scalars = arguments.joined(separator: " ").unicodeScalars
        var text = scalars.prefix(Bounds.commandCharacters).map { scalar in
            let isPlain = ![.control, .format, .lineSeparator, .paragraphSeparator]
                .contains(scalar.properties.generalCategory)
            return isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }.joined()
        if scalars.count > Bounds.commandCharacters { text += "…" }
        return text.isEmpty ? "without a command" : text
    }
}
