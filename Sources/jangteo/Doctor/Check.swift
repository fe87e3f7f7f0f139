import ShopStore

/// Something that goes wrong in practice, and how it is noticed.
struct Check: Sendable {
    /// In one word.
    let name: String
    /// Answers nil where all is well. What it throws is a finding as well: that it could not look.
    let look: @Sendable (Patient) throws -> Finding?

    init(_ name: String, _ look: @escaping @Sendable (Patient) throws -> Finding?) {
        self.name = name
        self.look = look
    }
}

/// What is not as it should be, and what to do about it.
struct Finding: Sendable {
    let says: String
    /// nil for what is worth knowing and nothing to mend.
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
    /// nil where none is known of.
    let nginx: NginxConfiguration?
    /// Of nightly backups; "" for none.
    let backups: String
    let now: BackupTime
    /// Whether there is time to read all of the database.
    let isDeep: Bool

    /// Where the front end finds the shop.
    var socket: String { settings.socket.isEmpty ? "/run/jangteo/jangteo.sock" : settings.socket }
}

/// Each looks at one thing; the order is that of the findings.
let allChecks = storageChecks + databaseChecks + readerChecks + frontChecks + machineChecks + timerChecks
