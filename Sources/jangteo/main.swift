import ArgumentParser
import Glibc
import Journal

Memory.giveBackLargeBlocks()
do {
    var command = try Jangteo.parseAsRoot()
    try command.run()
} catch {
    // In the journal, the failure of a command is an error, not just printed text.
    if Jangteo.exitCode(for: error) != .success, StandardError.isJournal,
        case let message = Jangteo.fullMessage(for: error),
        !message.isEmpty
    {
        StandardError.write(message, priority: .error)
        Glibc.exit(Jangteo.exitCode(for: error).rawValue)
    }
    Jangteo.exit(withError: error)
}
