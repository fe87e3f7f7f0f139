/// What is to be told of all metrics of one name, whatever their labels.
public struct Family: Sendable {
    /// As Prometheus knows it (`shop_orders_total`).
    public let name: String
    /// One sentence for who sees the name in a list.
    public let help: String
    /// The upper bounds of a histogram's buckets, rising, without the last, which has none; for a duration in seconds.
    /// Nothing for what is no histogram.
    public let buckets: [Double]

    public init(_ name: String, _ help: String, buckets: [Double] = []) {
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "the buckets of \(name) do not rise")
        self.name = name
        self.help = help
        self.buckets = buckets
    }

    /// Buckets for durations, from half a millisecond to ten seconds, for who has named none.
    public static let durations: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
}
