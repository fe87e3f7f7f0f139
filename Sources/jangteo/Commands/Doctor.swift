import ArgumentParser
import Glibc
import ShopStore

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at what goes wrong in practice and says what to do; exit status 1 where it finds something.",
        discussion: """
            Run it as root, or as the user that the shop runs as. It changes nothing: to time the disk it writes a file into \
            the data folder, which is gone afterwards. It reads the database for some seconds; --deep reads all of it.
            """)

    @OptionGroup var options: DataOptions

    @Option(help: ArgumentHelp("The Unix socket that nginx passes requests to. (JANGTEO_SOCKET)", valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp("nginx's configuration. (/etc/nginx/nginx.conf, with the package)", valueName: "file")
    )
    var nginxConf: String?

    @Option(help: ArgumentHelp("The folder of the nightly backups. (JANGTEO_BACKUPS)", valueName: "dir"))
    var backups: String?

    @Flag(help: "Reads all of the database, however long that takes.")
    var deep = false

    @Option(
        help: ArgumentHelp(
            "Leaves a check out: \(allChecks.map(\.name).joined(separator: ", ")). Can be repeated.", valueName: "check"
        ))
    var skip: [String] = []

    /// Installed by the package; the administrator may have good reasons not to enable it yet.
    private static let packagedSite = "/etc/nginx/sites-available/jangteo"

    func validate() throws {
        let names = Set(allChecks.map(\.name))
        for name in skip where !names.contains(name) { throw ValidationError("there is no check \(name)") }
    }

    func run() throws {
        let settings = try options.settings(["socket": socket, "backups": backups])
        var found = 0
        var nginx: NginxConfiguration?
        do {
            nginx = try configuration()
        } catch {
            found += 1
            print("nginx: cannot look: \(error): \(Self.adviceToWhoCannotLook)")
        }
        let patient = Patient(settings: settings, nginx: nginx, backups: settings.backups, now: .now, isDeep: deep)
        for check in allChecks where !skip.contains(check.name) {
            guard let finding = Self.look(check, patient) else { continue }
            guard let advice = finding.advice else {
                print("\(check.name): \(finding.says)")
                continue
            }
            found += 1
            print("\(check.name): \(finding.says): \(advice)")
        }
        if found > 0 { throw ExitCode(1) }
        print("nothing found")
    }

    private static func look(_ check: Check, _ patient: Patient) -> Finding? {
        do {
            return try check.look(patient)
        } catch {
            return Finding("cannot look: \(error)", do: adviceToWhoCannotLook)
        }
    }

    /// Root has no more rights to get.
    private static var adviceToWhoCannotLook: String {
        geteuid() == 0 ? "see to what is named" : "run this as root, or see to what is named"
    }

    private func configuration() throws -> NginxConfiguration? {
        let standard = "/etc/nginx/nginx.conf"
        guard let path = nginxConf ?? (access(Self.packagedSite, F_OK) == 0 ? standard : nil) else { return nil }
        return try NginxConfiguration(path: path)
    }
}
