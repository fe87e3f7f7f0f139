import ShopStore
import Testing

/// Which backups are kept.
struct BackupScheduleTests {
    private func kept(_ names: [String], _ schedule: BackupSchedule = BackupSchedule()) throws -> [String] {
        let times = try names.map { try #require(BackupTime($0)) }
        return schedule.kept(of: times).sorted().map(\.name)
    }

    /// One a night at 03:15, the last on 2026-11-25, a Wednesday.
    private func nights(_ count: Int) throws -> [String] {
        let last = try #require(BackupTime("20261125T031500Z"))
        return (0..<count).map { BackupTime(seconds: last.seconds - $0 * 86_400).name }
    }

    @Test func `of years of nights, 7 days, 4 weeks and 12 months are kept`() throws {
        let kept = try kept(nights(1_000)).map { $0.prefix(8) }
        #expect(
            kept == [
                // The last nights of the months before …
                "20251231", "20260131", "20260228", "20260331", "20260430", "20260531", "20260630", "20260731",
                "20260831", "20260930", "20261031",
                // … Sundays …
                "20261108", "20261115",
                // … and the last seven nights: the 22nd is a Sunday, the 25th the newest of its week and its month.
                "20261119", "20261120", "20261121", "20261122", "20261123", "20261124", "20261125",
            ])
    }

    @Test func `night after night gives the same as all at once`() throws {
        var left: [String] = []
        for night in try nights(500).reversed() { left = try kept(left + [night]) }
        #expect(try left == kept(nights(500)))
    }

    @Test func `a pause removes nothing`() throws {
        let old = ["20250101T031500Z", "20250102T031500Z", "20250103T031500Z"]
        #expect(try kept(old + ["20261125T031500Z"]) == old + ["20261125T031500Z"])
    }

    @Test func `the newest of several on one day is kept`() throws {
        #expect(try kept(["20261125T031500Z", "20261125T120000Z", "20261125T080000Z"]) == ["20261125T120000Z"])
    }

    @Test func `any schedule keeps the newest, and nothing of nothing`() throws {
        var none = BackupSchedule()
        (none.days, none.weeks, none.months) = (0, 0, 0)
        #expect(try kept(["20261125T031500Z", "20261124T031500Z"], none) == ["20261125T031500Z"])
        #expect(try kept([]) == [])
    }

    @Test func `weeks start on Mondays, across the end of a year too`() throws {
        var weekly = BackupSchedule()
        (weekly.days, weekly.weeks, weekly.months) = (0, 2, 0)
        // Friday, the Sunday of that week, Monday.
        #expect(
            try kept(["20270101T000000Z", "20270103T235959Z", "20270104T000000Z"], weekly)
                == ["20270103T235959Z", "20270104T000000Z"])
    }

    @Test(arguments: [
        "", "20261125", "20261125T031500", "20261125T0315Z", "20261325T031500Z", "20260230T031500Z",
        "20261125T246000Z", "2026-1125T03:15:00Z", "2026-11-25T031500Z", "20261125T031500Z.partial",
    ])
    func `what is not a time is refused`(_ text: String) {
        #expect(BackupTime(text) == nil)
    }

    @Test func `a time is read as it is written, both ways`() throws {
        let time = try #require(BackupTime("20240229T235959Z"))
        #expect(time.seconds == 1_709_251_199)
        #expect(time.name == "20240229T235959Z")
        #expect(time.text == "2024-02-29T23:59:59Z")
        #expect(BackupTime(time.text) == time)
    }
}
