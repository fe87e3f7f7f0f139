import Shop
import ShopTestSupport
import Testing

/// What a wrong clock would make the batch forget is kept.
struct WrongClockTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
    }

    /// The batch on a machine that has been up for this long.
    private func batch(up hours: Int64, clockIsRight: Bool = false) throws -> Housekeeping.Report {
        let uptime = Uptime { .hours(hours) }
        return try shop.served.with(uptime: uptime).housekeeping.run(clockIsRight: clockIsRight)
    }

    private func charge() throws -> Receipt {
        try shop.balances.charge(
            Won(1_000),
            Submission(caller: user, key: .init(text: "k", of: [])) { _ in Receipt(code: 201, bytes: []) })
    }

    @Test func `a charge that is sent again after the clock was ahead for one run happens once`() throws {
        _ = try batch(up: 100)
        #expect(try !charge().isReplayed)
        shop.clock.advance(.hours(73))
        #expect(try batch(up: 100).unexplained == .hours(73))
        #expect(try batch(up: 101).unexplained == .hours(72))
        shop.clock.advance(.hours(-73))
        #expect(try batch(up: 101).unexplained == nil)
        #expect(try charge().isReplayed)
        #expect(try shop.balance(user) == 1_000)
    }

    @Test func `nothing else is forgotten either, until somebody confirms the clock`() throws {
        let product = try shop.product()
        let order = try shop.order([(product, 1)], user)
        _ = try batch(up: 100)
        shop.clock.advance(.days(60))
        let held = try batch(up: 100)
        #expect(held.unexplained == .days(60))
        #expect(held.expiredOrders == 0)
        #expect(try shop.rows("SELECT status FROM orders WHERE id = \(order.id.value)") == ["pending"])
        #expect(try batch(up: 100, clockIsRight: true).expiredOrders == 1)
        shop.clock.advance(.hours(1))
        #expect(try batch(up: 101).unexplained == nil)
    }

    @Test func `trouble with the pictures holds up nothing else, not even after a restart`() throws {
        _ = try batch(up: 100)
        let order = try shop.order([(shop.product(), 1)], user)
        shop.pictures.trouble.write { $0 = UnavailableError("the folder is another's") }
        shop.clock.advance(.hours(50))
        let report = try batch(up: 150)
        #expect(report.expiredOrders == 1 && report.pictureTrouble == "the folder is another's")
        #expect(try shop.rows("SELECT status FROM orders WHERE id = \(order.id.value)") == ["expired"])
        shop.clock.advance(.minutes(15))
        #expect(try batch(up: 0).unexplained == nil)
        shop.pictures.trouble.write { $0 = nil }
        #expect(try batch(up: 0).pictureTrouble == nil)
    }

    @Test func `a clock that agrees with the uptime is trusted, even across a short restart`() throws {
        for hours in [100, 200, 1_000] as [Int64] {
            #expect(try batch(up: hours).unexplained == nil)
            shop.clock.advance(.hours(hours == 100 ? 100 : 800))
        }
        // Off for half an hour, then up for three.
        _ = try batch(up: 2_000)
        shop.clock.advance(.minutes(210))
        #expect(try batch(up: 3).unexplained == nil)
        // Off for a night.
        shop.clock.advance(.hours(10))
        #expect(try batch(up: 2).unexplained == .hours(8))
    }
}
