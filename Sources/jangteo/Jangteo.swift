import ArgumentParser

struct Jangteo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jangteo",
        abstract: "A shop back end that answers FastCGI behind nginx over one SQLite file.",
        discussion: """
            Settings are taken from the command line, then from the environment (JANGTEO_…), then from the file that --config \
            names, then from the defaults; 'jangteo serve --check' shows them all.
            """,
        version: "1.0.0",
        subcommands: [
            Serve.self, AnswerCGI.self, Migrate.self, Popular.self, Users.self, Demo.self, AuditBooks.self,
            Backup.self, Restore.self, Doctor.self, MakePicture.self,
        ])
}
