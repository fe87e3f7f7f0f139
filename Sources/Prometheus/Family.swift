/// What all metrics of one name have in common, whatever their labels.
public struct Family: Sendable {
    /// The name in Prometheus (`shop_orders_total`).
    public let name: String
    /// One sentence for people who see the name in a list.
    public let help: String
    /// The upper bounds of a histogram's buckets, ascending, without the last, unbounded one; in seconds for durations.
    /// Empty for anything but a histogram.
    public let buckets: [Double]

    public init(_ name: String, _ help: String, buckets: [Double] = []) {
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "the buckets of \(name) do not rise")
        self.name = name
        self.help = help
        self.buckets = buckets
    }

    /// The default buckets for durations, from half a millisecond to ten seconds.
    public static let durations: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
}
