import FoundationEssentials
import Glibc
import POSIX
import ShopStore

/// Where requests come from, as far as nginx's log tells.
let addressCheck = Check("addresses") { patient in
    guard let nginx = patient.nginx else { return nil }
    for log in nginx.logsOfShops {
        guard let text = try end(of: log), let one = onlyAddress(in: text, patient.now) else { continue }
        return Finding(
            "all of the last \(one.requests) requests came from \(one.address)",
            do: "if that is a proxy, name it to nginx, or its customers count as one: \"Behind a proxy\" in the manual")
    }
    return nil
}

private enum Bounds {
    /// Fewer requests prove nothing.
    static let requests = 100
    static let seconds = 3_600
    static let bytes = 4 << 20
    /// A client with this many user agents is not a single one.
    static let programs = 3
}

/// The relevant part of a log line.
private struct LoggedRequest: Decodable {
    let time, address, target, agent: String

    /// Seconds since 1970; nil if not in nginx's format, which includes the zone: `2026-11-25T03:15:00+09:00`.
    var seconds: Int? {
        guard time.utf8.count == 25, let local = BackupTime("\(time.prefix(19))Z"),
            let hours = Int(time.suffix(6).prefix(3)),
            let minutes = Int(time.suffix(2))
        else { return nil }
        let isWest = time.suffix(6).first == "-"
        return local.seconds - hours * 3_600 - (isWest ? -minutes : minutes) * 60
    }

    var isOfThisMachine: Bool { address.hasPrefix("127.") || address == "::1" }
}

/// The only address with requests in the last hour; nil if there are others, if there are few requests, or if it may
/// just be a program: one on this machine, or one that asks so often that the end of the log is all its own.
private func onlyAddress(in text: (lines: String, isWhole: Bool), _ now: BackupTime) -> (
    address: String, requests: Int
)? {
    var address: String?
    var requests = 0
    var programs: Set<String> = []
    var isWholeHour = text.isWhole
    var mayBeOneProgram = false
    let decoder = JSONDecoder()
    for line in text.lines.split(separator: "\n").reversed() {
        // The first line may be cut; others may not be ours.
        guard let one = try? decoder.decode(LoggedRequest.self, from: Data(line.utf8)), let seconds = one.seconds else {
            continue
        }
        guard seconds > now.seconds - Bounds.seconds else {
            isWholeHour = true
            break
        }
        // Sent by monitoring.
        if one.target == "/healthz" { continue }
        guard address == nil || address == one.address else { return nil }
        address = one.address
        mayBeOneProgram = one.isOfThisMachine
        requests += 1
        programs.insert(one.agent)
    }
    guard let address, requests >= Bounds.requests else { return nil }
    if mayBeOneProgram || !isWholeHour, programs.count < Bounds.programs { return nil }
    return (address, requests)
}

/// The last lines of a file, and whether they are all of it; nil if there is none, or it may not be read.
private func end(of path: String) throws -> (lines: String, isWhole: Bool)? {
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
        if errno == ENOENT || errno == EACCES { return nil }
        throw SystemError("cannot read \(path)")
    }
    defer { close(file) }
    var its = stat()
    guard fstat(file, &its) == 0 else { throw SystemError("cannot read \(path)") }
    guard its.st_mode & S_IFMT == S_IFREG else { return nil }
    let begin = max(0, Int(its.st_size) - Bounds.bytes)
    var bytes = [UInt8](repeating: 0, count: Int(its.st_size) - begin)
    let count = pread(file, &bytes, bytes.count, off_t(begin))
    guard count >= 0 else { throw SystemError("cannot read \(path)") }
    return (String(decoding: bytes.prefix(count), as: UTF8.self), begin == 0)
}
