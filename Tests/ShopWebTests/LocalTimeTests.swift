import Foundation
import Shop
import Testing

@testable import ShopWeb

struct LocalTimeTests {
    private func zone(_ name: String) throws -> TimeZone { try #require(TimeZone(identifier: name)) }

    @Test(arguments: [
        ("Asia/Seoul", "2026-11-27T10:00", "2026-11-27T01:00:00.000Z"),
        ("Asia/Seoul", "2026-01-01T00:30", "2025-12-31T15:30:00.000Z"),
        ("UTC", "2026-11-27T10:00:30", "2026-11-27T10:00:30.000Z"),
        ("Europe/Berlin", "2026-07-01T12:00", "2026-07-01T10:00:00.000Z"),
        ("Europe/Berlin", "2026-12-01T12:00", "2026-12-01T11:00:00.000Z"),
        // Around the changes to summer time and back; what the clocks skip, and what they show twice.
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00.000Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00.000Z"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00.000Z"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"),
        ("Asia/Kathmandu", "2026-11-27T10:00", "2026-11-27T04:15:00.000Z"),
    ])
    func `a local time is an instant`(_ name: String, _ text: String, _ instant: String) throws {
        let zone = try zone(name)
        let time = try #require(LocalTime.time(text, in: zone))
        #expect(DateTime.text(time) == instant)
        if !text.contains("T02:30") { #expect(LocalTime.text(time, in: zone) == text.prefix(16)) }
    }

    @Test(arguments: [
        "", "2026-11-27", "2026-02-30T10:00", "2026-11-27T24:00", "x", "2026-11-27T10:00Z", "2026-11-27 10:0",
    ])
    func `what is none is refused`(_ text: String) throws {
        #expect(LocalTime.time(text, in: try zone("Asia/Seoul")) == nil)
    }
}
