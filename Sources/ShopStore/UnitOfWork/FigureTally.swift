import Shop

/// What the running transaction adds to the shop's figures.
///
/// The figures of an hour are one row, which every order, payment and coupon would change: they are added up here instead,
/// and the row is changed once, before the commit, however many writes are in the group. A write that fails takes back only
/// what it has added itself.
final class FigureTally {
    /// Nearly always of one hour, so it is looked through.
    private var kept: [HourFigures] = []
    private var running: [HourFigures] = []

    /// Counts something that happened at this time, in the write that runs.
    func count(at time: Timestamp, _ add: (inout Figures) -> Void) {
        Self.count(&running, time.hour, add)
    }

    /// The write has been done.
    func keep() {
        for one in running { Self.count(&kept, one.hour) { $0 += one.figures } }
        running.removeAll(keepingCapacity: true)
    }

    /// The write has been undone.
    func drop() { running.removeAll(keepingCapacity: true) }

    /// A transaction begins.
    func forget() {
        kept.removeAll(keepingCapacity: true)
        drop()
    }

    /// What the writes that have been done add up to.
    var sums: [HourFigures] { kept }

    private static func count(_ sums: inout [HourFigures], _ hour: Hour, _ add: (inout Figures) -> Void) {
        if let place = sums.firstIndex(where: { $0.hour == hour }) { return add(&sums[place].figures) }
        var figures = Figures()
        add(&figures)
        sums.append(HourFigures(hour: hour, figures: figures))
    }
}
