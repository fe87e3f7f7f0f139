/// A change of prices by a percentage, rounded.
public struct PriceChange: Sendable, Equatable {
    /// How many per cent a price can be raised or lowered by.
    public static let raiseRange: ClosedRange<Int64> = 1...500
    public static let lowerRange: ClosedRange<Int64> = 1...99
    /// What prices can be rounded to, in won.
    public static let units: [Int64] = [1, 10, 100, 1_000]

    /// Below zero to lower them.
    public let percent: Int64
    /// In won.
    public let unit: Int64

    public init(percent: Int64, unit: Int64) {
        precondition(unit > 0 && percent > -100, "\(percent) % to \(unit) won")
        self.percent = percent
        self.unit = unit
    }

    /// The changed price: the nearest multiple of the unit, of two that are as near the higher one. It can be more than a
    /// product may cost.
    ///
    /// Where the unit is too coarse for the price, the price stays as it is: no raised price falls, no lowered one rises,
    /// and no product that costs something is given away.
    public func price(from price: Won) -> Won {
        let step = 100 * unit
        let rounded = Won((price.amount * (100 + percent) + step / 2) / step * unit)
        if rounded == .zero { return price }
        return percent < 0 ? min(rounded, price) : max(rounded, price)
    }
}
