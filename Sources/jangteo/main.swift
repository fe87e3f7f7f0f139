import ArgumentParser
import Glibc
import Journal

Memory.giveBackLargeBlocks()
// What is written is the shop's alone, unless it is said otherwise: nginx may go through the data folder to the pictures.
umask(0o077)
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
