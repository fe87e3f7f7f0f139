import Glibc

/// nil if there is nothing, or it cannot be accessed.
func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
}

/// Whether both paths lead to the same existing file.
func sameFile(_ one: String, _ other: String) -> Bool {
    guard let first = status(of: one), let second = status(of: other) else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
}

func isFolder(_ path: String) -> Bool { status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
