import Glibc
import POSIX

/// The data folder, and the disk below it.
let storageChecks = [
    Check("folder") { patient in
        let folder = patient.settings.data
        guard let its = status(of: folder) else {
            return Finding("there is no folder \(folder)", do: "run jangteo migrate --data \(folder)")
        }
        let files = ["", "-wal", "-shm"].map { patient.settings.database + $0 } + [folder + "/shop.lock"]
        // Whatever the folder's own mode is: it may be opened for nginx, which goes through it to the pictures.
        for file in files {
            if let one = status(of: file), one.st_mode & 0o077 != 0 {
                return Finding("others can read \(file)", do: "chmod 600 \(file)")
            }
        }
        if its.st_mode & 0o066 != 0 {
            return Finding("others can look into \(folder)", do: "chmod 711 \(folder)")
        }
        for file in files {
            if let one = status(of: file), one.st_uid != its.st_uid {
                return Finding(
                    "\(file) does not belong to the owner of \(folder)", do: "chown --reference=\(folder) \(file)")
            }
        }
        return nil
    },
    Check("disk") { patient in
        try diskFinding(patient.settings.data, needs: Bounds.freeBytes, for: "the shop stops selling when it is full")
    },
    Check("fsync") { patient in
        let median = try medianSyncSeconds(in: patient.settings.data)
        guard median > Bounds.syncSeconds else { return nil }
        return Finding(
            "the disk of \(patient.settings.data) takes \(Int(median * 1_000)) ms to sync, and so long each group of writes",
            do: "look for who else uses it, or take a disk with a cache that survives a power cut")
    },
]

private enum Bounds {
    /// The WAL takes up to 250 MiB under load, and a backup or a batch may keep it that large.
    static let freeBytes = 512 << 20
    static let freeShare = 0.1
    /// A server's disk takes well under a millisecond, a laptop's a few; from here on people notice.
    static let syncSeconds = 0.05
    static let syncs = 9
}

/// Reports a disk with little free space.
func diskFinding(_ folder: String, needs bytes: Int, for reason: String) throws -> Finding? {
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { throw SystemError(folder) }
    let free = Int(disk.f_bavail) * Int(disk.f_frsize)
    let share = Double(disk.f_bavail) / Double(max(1, disk.f_blocks))
    let files = Double(disk.f_favail) / Double(max(1, disk.f_files))
    let advice = "free some, or take a larger disk: \(reason)"
    if free < bytes || share < Bounds.freeShare {
        return Finding("\(free >> 20) MiB (\(Int(share * 100)) %) are free where \(folder) lies", do: advice)
    }
    // Some file systems create inodes as needed, and report 0.
    if disk.f_files > 0, files < Bounds.freeShare {
        return Finding("the disk of \(folder) has room, but for few more files", do: advice)
    }
    return nil
}

/// How long it takes to get a few bytes onto the disk.
private func medianSyncSeconds(in folder: String) throws -> Double {
    let path = folder + "/doctor.partial"
    // A link that somebody planted here is not followed: root may be asking, and the folder is not root's.
    unlink(path)
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError("cannot write \(path)") }
    defer {
        unlink(path)
        close(file)
    }
    let page = [UInt8](repeating: 0, count: 4_096)
    var took: [Double] = []
    for _ in 0..<Bounds.syncs {
        let began = ContinuousClock.now
        guard write(file, page, page.count) == page.count, fdatasync(file) == 0 else {
            throw SystemError("cannot write \(path)")
        }
        took.append(began.duration(to: .now) / .seconds(1))
    }
    return took.sorted()[took.count / 2]
}
