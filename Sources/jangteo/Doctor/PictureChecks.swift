import Glibc
import POSIX
import Pictures
import SQLite
import Shop
import ShopStore

/// The products' pictures, and what makes them.
let pictureChecks = [
    Check("pictures") { patient in
        guard isProgram("vips") else {
            return Finding("there is no program vips, so no picture can be added", do: "apt-get install libvips-tools")
        }
        // What is wrong with the database is another check's.
        guard status(of: patient.settings.database) != nil else { return nil }
        if let finding = try owner(patient) { return finding }
        let found = try look(at: patient.settings.pictures, patient)
        if found.flawed > 0 {
            return Finding(
                "\(found.flawed) of \(found.count) pictures are missing or damaged, the first is \(found.first)",
                do: "copy them from the folder pictures of a backup and run "
                    + "chown -R --reference=\(patient.settings.data) \(patient.settings.pictures.path), "
                    + "or remove them in the pages and add them again")
        }
        guard found.count > 0 else { return nil }
        for folder in [patient.settings.data, patient.settings.pictures.path] {
            if let its = status(of: folder), its.st_mode & 0o011 == 0 {
                return Finding("nginx cannot reach the pictures through \(folder)", do: "chmod 711 \(folder)")
            }
        }
        return nil
    }
]

/// Finds what root has brought back and kept: the shop can neither add to it nor clear it.
private func owner(_ patient: Patient) throws -> Finding? {
    let (data, pictures) = (patient.settings.data, patient.settings.pictures)
    guard let its = status(of: data) else { return nil }
    let isForeign = { (folder: String) in status(of: folder).map { $0.st_uid != its.st_uid } ?? false }
    // Of another's, the folders in it may not even be listed.
    let folder = try isForeign(pictures.path) ? pictures.path : pictures.folders().first(where: isForeign)
    return folder.map {
        Finding("\($0) does not belong to the owner of \(data)", do: "chown -R --reference=\(data) \(pictures.path)")
    }
}

private func look(at folder: PictureFolder, _ patient: Patient) throws -> BackupPictures.Found {
    var found = BackupPictures.Found()
    try NamedPictures.forEach(of: try readingConnection(patient.settings.database)) { picture in
        let missing = folder.missing(of: picture).map { PictureFolder.Damage.missing($0) }
        found.add(try patient.isDeep ? folder.damage(of: picture) : missing, picture)
    }
    return found
}

/// Whether a program can be found, as the shop finds it.
private func isProgram(_ name: String) -> Bool {
    let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    return search.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
}
