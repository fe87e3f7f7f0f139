import Journal
import Logging

extension Settings {
    func logger() -> Logger {
        Logger(label: "jangteo") { _ in JournalLogHandler(logLevel: logLevel) }
    }
}
