import Glibc
import Shop
import ShopStore

/// What timers did, or failed to do.
let timerChecks = [
    Check("popular") { patient in
        guard status(of: patient.settings.database) != nil else { return nil }
        let advice = "look at systemctl status jangteo-popular.timer and at journalctl -u jangteo-popular"
        let rows = try readingConnection(patient.settings.database).rows(of: "SELECT computed_at FROM popular_runs")
        guard let milliseconds = Int(rows.first?.first ?? "") else {
            return Finding("the popular list was never made", do: advice)
        }
        let minutes = (patient.now.seconds - milliseconds / 1_000) / 60
        guard minutes >= Int(PopularProducts.lateAfter / .minutes(1)) else { return nil }
        return Finding("the popular list was last made \(minutes) minutes ago", do: advice)
    },
    Check("backup") { patient in
        guard !patient.backups.isEmpty else {
            return Finding("no backups are made", do: "set JANGTEO_BACKUPS, and enable jangteo-backup.timer")
        }
        let advice = "look at systemctl status jangteo-backup.timer and at journalctl -u jangteo-backup"
        let folder = BackupFolder(path: patient.backups)
        guard let last = folder.lastGood else { return Finding("\(patient.backups) has no good backup", do: advice) }
        let hours = (patient.now.seconds - last.seconds) / 3_600
        if hours >= Int(BackupWatch.lateAfter / .hours(1)) {
            return Finding("the last good backup in \(patient.backups) is \(hours) hours old", do: advice)
        }
        guard try folder.times().contains(last) else {
            return Finding("the last good backup, of \(last.text), is not in \(patient.backups) any more", do: advice)
        }
        return nil
    },
    Check("copies") { patient in
        let copies = try OldCopies(data: patient.settings.data, backups: patient.backups).all()
        guard !copies.isEmpty else { return nil }
        let days = patient.settings.copyDays
        let kinds = Dictionary(grouping: copies, by: \.kind).sorted { $0.key < $1.key }
            .map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
        let late = copies.filter { OldCopies.days(since: $0, patient.now) > days + Bounds.copyDaysOfGrace }
        if late.isEmpty {
            return Finding(remark: "copies of the shop as it was: \(kinds); each is removed after \(days) days")
        }
        return Finding(
            "\(late.count) of the copies of the shop as it was (\(kinds)) should have been removed after \(days) days, "
                + "the first is \(late[0].path)",
            do: "look at journalctl -u jangteo-backup: the nightly backup removes them")
    },
    Check("backup-disk") { patient in
        guard let size = status(of: patient.settings.database)?.st_size, status(of: patient.backups) != nil else {
            return nil
        }
        if let mode = status(of: patient.backups)?.st_mode, mode & 0o077 != 0 {
            return Finding("others can look into \(patient.backups)", do: "chmod 700 \(patient.backups)")
        }
        // A backup is complete before it is compressed.
        return try diskFinding(patient.backups, needs: Int(size) * 2, for: "the next backup may not fit")
    },
]

private enum Bounds {
    /// The nightly backup may have been missed once or twice.
    static let copyDaysOfGrace = 2
}
