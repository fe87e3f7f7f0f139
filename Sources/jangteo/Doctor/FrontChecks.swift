import FastCGI
import FoundationEssentials
import Glibc
import POSIX

/// The path from nginx to the shop.
let frontChecks = [
    Check("nginx") { patient in
        guard let nginx = patient.nginx, !nginx.reaches(patient.socket) else { return nil }
        return Finding(
            "\(nginx.path) passes nothing to \(patient.socket)",
            do: "enable the site (ln -s ../sites-available/jangteo /etc/nginx/sites-enabled/) and reload nginx")
    },
    Check("socket") { patient in
        let socket = patient.socket
        guard let its = status(of: socket) else {
            return Finding("there is no socket at \(socket)", do: "start the shop: systemctl start jangteo.socket")
        }
        guard its.st_mode & S_IFMT == S_IFSOCK else {
            return Finding("\(socket) is no socket", do: "remove it and start the shop")
        }
        if its.st_mode & 0o002 != 0 {
            return Finding("everybody on this machine can connect to \(socket)", do: "chmod 660 \(socket)")
        }
        if let user = patient.nginx?.user, let barrier = barrier(to: socket, for: user) {
            return Finding(
                "nginx runs as \(user), which \(barrier) does not let through",
                do: "give the socket to its group: chgrp \(user) \(socket) and chmod 660, and 755 for its folder")
        }
        return try connectionFinding(socket)
    },
    Check("connections") { patient in
        guard let nginx = patient.nginx else { return nil }
        let advice = "see \"Many customers at once\" in the manual"
        // Each of a worker's connections takes a descriptor, and so do its logs and sockets.
        if nginx.descriptorsOfWorker < nginx.connectionsOfWorker + Bounds.otherDescriptors {
            return Finding(
                "an nginx worker may have \(nginx.connectionsOfWorker) connections, but only "
                    + "\(nginx.descriptorsOfWorker) files open",
                do: "raise worker_rlimit_nofile in \(nginx.path): \(advice)")
        }
        // A request takes one to the client and one to the shop.
        let threads = patient.settings.server.threads
        if nginx.connections < 2 * threads {
            return Finding(
                "nginx has \(nginx.connections) connections, which \(threads) threads of the shop do not fill",
                do: "raise worker_connections in \(nginx.path): \(advice)")
        }
        let (kept, most) = (nginx.keptConnections(to: patient.socket), FastCGIServer.mostConnections)
        if kept > most / 2 {
            return Finding(
                "nginx's workers keep up to \(kept) connections, and the shop has \(most) at most",
                do: "lower keepalive in \(nginx.path)")
        }
        guard let waiting = Bounds.mostWaiting, waiting < Bounds.backlog else { return nil }
        return Finding(
            "no more than \(waiting) connections may wait for the shop, which is made for \(Bounds.backlog)",
            do: "sysctl net.core.somaxconn=\(Bounds.backlog), and write it into /etc/sysctl.d/jangteo.conf")
    },
    addressCheck,
]

private enum Bounds {
    static let otherDescriptors = 64
    /// The backlog of the shop's socket and of nginx's.
    static let backlog = 4_096

    /// The kernel's limit on every backlog; nil if unknown.
    static var mostWaiting: Int? {
        // Without /proc there is nothing to find.
        guard let text = try? String(contentsOfFile: "/proc/sys/net/core/somaxconn", encoding: .utf8) else {
            return nil
        }
        return Int(text.prefix { !$0.isNewline })
    }
}

/// The first file on the path to the socket that stops this user; nil if none does, or the user is unknown.
private func barrier(to socket: String, for user: String) -> String? {
    guard let entry = getpwnam(user), entry.pointee.pw_uid != 0 else { return nil }
    let person = (user: entry.pointee.pw_uid, groups: groups(of: user, entry.pointee.pw_gid))
    func may(_ path: String, _ bit: mode_t) -> Bool {
        guard let its = status(of: path) else { return true }
        if its.st_uid == person.user { return its.st_mode & bit << 6 != 0 }
        if person.groups.contains(its.st_gid) { return its.st_mode & bit << 3 != 0 }
        return its.st_mode & bit != 0
    }
    var folder = Folder.path(of: socket)
    while folder != "/", folder != "." {
        if !may(folder, 0o1) { return folder }
        folder = Folder.path(of: folder)
    }
    return may(socket, 0o2) ? nil : socket
}

private func groups(of user: String, _ first: gid_t) -> [gid_t] {
    var count: Int32 = 256
    var groups = [gid_t](repeating: 0, count: Int(count))
    guard getgrouplist(user, first, &groups, &count) >= 0 else { return [first] }
    return Array(groups.prefix(Int(count)))
}

/// Connects as nginx does, and sends nothing.
private func connectionFinding(_ path: String) throws -> Finding? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
        return Finding("\(path) is too long for a Unix socket", do: "take a shorter one (107 bytes at most)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    // A shop that no longer accepts has a full queue: that has to be found, not waited for.
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw SystemError("socket") }
    defer { close(probe) }
    let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    if connected == 0 { return nil }
    switch errno {
    case ECONNREFUSED: return Finding("nobody listens on \(path)", do: "start the shop: systemctl start jangteo.socket")
    case EAGAIN:
        return Finding("the shop takes no connections any more", do: "look at its log, and restart jangteo.service")
    // The socket is for nginx, whose access was checked above; this user is neither nginx nor root.
    case EACCES where geteuid() != 0: return nil
    default: throw SystemError("cannot connect to \(path)")
    }
}
