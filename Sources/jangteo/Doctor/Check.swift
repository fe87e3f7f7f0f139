import ShopStore

/// Something that goes wrong in practice, and how to detect it.
struct Check: Sendable {
    /// A single word.
    let name: String
    /// Returns nil if all is well. A thrown error is a finding, too: that the check could not look.
    let look: @Sendable (Patient) throws -> Finding?

    init(_ name: String, _ look: @escaping @Sendable (Patient) throws -> Finding?) {
        self.name = name
        self.look = look
    }
}

/// What is wrong, and what to do about it.
struct Finding: Sendable {
    let says: String
    /// nil if there is nothing to fix, only something to know.
    let advice: String?

    init(_ says: String, do advice: String) {
        self.says = says
        self.advice = advice
    }

    init(remark says: String) {
        self.says = says
        advice = nil
    }
}

/// What the checks look at.
struct Patient {
    let settings: Settings
    /// nil if none is known.
    let nginx: NginxConfiguration?
    /// The folder of the nightly backups; "" for none.
    let backups: String
    let now: BackupTime
    /// Whether there is time to read the whole database.
    let isDeep: Bool

    /// Where the front end finds the shop.
    var socket: String { settings.socket.isEmpty ? "/run/jangteo/jangteo.sock" : settings.socket }
}

/// Each looks at one thing; the findings come in this order.
let allChecks =
    storageChecks + databaseChecks + pictureChecks + readerChecks + frontChecks + machineChecks + timerChecks
