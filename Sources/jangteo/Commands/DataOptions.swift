import ArgumentParser

/// The options of every subcommand.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder that holds shop.db. (JANGTEO_DATA, default: var)", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("A file of settings, JANGTEO_NAME=value. (JANGTEO_CONFIG)", valueName: "file"))
    var config: String?

    func settings(_ more: [String: String?] = [:]) throws -> Settings {
        let given = more.merging(["data": data]) { $1 }.compactMapValues { $0 }
        return try Settings(SettingReader(commandLine: given, configFile: config))
    }
}
