// What was paid for each line of an order, and so what each piece of it is worth when it is given back.

/// How an order's discount is shared out over its lines.
public enum RefundShares {
    /// What was paid for each line: its amount less its share of the discount. They add up to the total less the discount.
    ///
    /// Shares are in proportion to the lines' amounts, in whole won: each is rounded down, and what is missing then goes, a
    /// won each, to the lines with the largest remainders, the earlier line first where they are equal.
    ///
    /// - Parameter discount: at most the amounts' sum.
    public static func paid(for amounts: [Won], discount: Won) -> [Won] {
        let total = amounts.reduce(Won.zero, +).amount
        guard total > 0, discount > .zero else { return amounts }
        let divisions = amounts.map { part(of: discount.amount, $0.amount, outOf: total) }
        let missing = discount.amount - divisions.reduce(0) { $0 + $1.quotient }
        let byRemainder = divisions.indices.sorted { one, other in
            (divisions[other].remainder, one) < (divisions[one].remainder, other)
        }
        let raised = Set(byRemainder.prefix(Int(missing)))
        return amounts.indices.map { index in
            Won(amounts[index].amount - divisions[index].quotient - (raised.contains(index) ? 1 : 0))
        }
    }

    /// What the first pieces of a line are worth together: so much of what was paid for it, rounded down. For all of them it
    /// is all of it, so that the last refund gives what is left.
    static func worth(of pieces: Int64, of quantity: Quantity, paid: Won) -> Won {
        Won(part(of: paid.amount, pieces, outOf: quantity.count).quotient)
    }

    /// `amount` times `part` by `whole`, which is not less than `part`: the product may be longer than 64 bits.
    private static func part(
        of amount: Int64, _ part: Int64, outOf whole: Int64
    ) -> (quotient: Int64, remainder: Int64) {
        whole.dividingFullWidth(amount.multipliedFullWidth(by: part))
    }
}
