import ArgumentParser
import ShopStore

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the database while the shop sells, and proves the copy.",
        discussion: """
            The copy is of one moment. It is opened, checked and audited, and only then is there a FILE. The products' \
            pictures are copied into FILE.pictures, or with --nightly into DIR/pictures. With --nightly the copy is also packed and dated; of the packed ones the newest of 7 days, 4 weeks and 12 months are kept, and \
            DIR/last-good says when the last was done; copies from before a restoration or a migration are removed after \
            JANGTEO_COPY_DAYS. Exit status 1 and one line where any of it did not hold.
            """)

    @OptionGroup var options: DataOptions

    @Argument(help: "The file to make; one that is there is replaced.")
    var file: String?

    @Option(help: ArgumentHelp("Makes a dated, packed backup in this folder, and removes old ones.", valueName: "dir"))
    var nightly: String?

    func validate() throws {
        guard (file == nil) != (nightly == nil) else { throw ValidationError("name a FILE, or --nightly DIR") }
    }

    func run() throws {
        let settings = try options.settings()
        Interruption.watch()
        if let nightly {
            try makeNightly(settings, in: nightly)
        } else if let file {
            let made = try settings.withLock {
                try BackupFile(database: settings.database, pictures: BackupPictures(pictures: settings.pictures))
                    .make(at: file)
            }
            let proof = made.proof
            print("\(file) holds the shop, schema version \(proof.schemaVersion), \(proof.rules) rules hold")
            print("its trace ends with \(proof.traceEnd)")
            try check(made.pictures, in: BackupPictures.folder(of: file).path)
        }
    }

    private func check(_ pictures: BackupPictures.Found, in folder: String) throws {
        if pictures.count > pictures.flawed { print("\(folder) holds \(pictures.count - pictures.flawed) pictures") }
        guard pictures.flawed > 0 else { return }
        throw CommandError(
            "\(pictures.flawed) pictures are missing or damaged in the shop itself, the first is \(pictures.first): "
                + "see jangteo doctor; all else is in the backup")
    }

    private func makeNightly(_ settings: Settings, in folder: String) throws {
        let backups = BackupFolder(path: folder)
        let nightly: BackupFolder.Nightly
        do {
            let pictures = BackupPictures(pictures: settings.pictures)
            nightly = try settings.withLock { try backups.makeNightly(of: settings.database, pictures, at: .now) }
            print("\(nightly.file) holds the shop, \(nightly.made.bytes) bytes")
            print("its trace ends with \(nightly.made.proof.traceEnd)")
        } catch {
            settings.logger().error("no backup was made", metadata: ["error": "\(error)"])
            // If not even that can be written, the age of the last good one tells.
            try? backups.noteFailure(at: .now)
            throw ExitCode(1)
        }
        do {
            print("\(try backups.removeOld(keeping: BackupSchedule())) old backups removed")
            // Nothing is removed unless there is a verified backup of this moment.
            let copies = OldCopies(data: settings.data, backups: folder)
            let removed = try copies.remove(olderThanDays: settings.copyDays, at: .now)
            if removed > 0 { print("\(removed) copies from more than \(settings.copyDays) days ago removed") }
        } catch {
            settings.logger().error("a backup was made, but old ones were not removed", metadata: ["error": "\(error)"])
            throw ExitCode(1)
        }
        do {
            try check(nightly.made.pictures, in: folder + "/pictures")
        } catch {
            settings.logger().error("a backup was made, but not of all pictures", metadata: ["error": "\(error)"])
            throw ExitCode(1)
        }
    }
}
