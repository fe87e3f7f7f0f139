import Glibc
public import Shop

/// The machine's log, for what a person does in a terminal and others should find later (`syslog(3)`).
public enum SystemLog {
    /// Writes the events as notices in the facility for authorization, under the program's name.
    public static let security = SecurityLog { event in
        // The line is an argument, never the format. If there is no log, there is nobody to tell.
        event.line.withCString { line in
            withVaList([line]) { vsyslog(logAuthPriv | LOG_NOTICE, "%s", $0) }
        }
    }

    /// `LOG_AUTHPRIV`, a macro that Swift does not import.
    private static let logAuthPriv: Int32 = 10 << 3
}
