import CoreMetrics
import Synchronization

/// Something with lines in the export.
protocol Series: AnyObject, Sendable {
    /// Its type in the export.
    static var kind: String { get }
    /// Appends its lines.
    func write(_ name: String, _ labels: Labels, to text: inout Exposition)
}

/// Only ever grows.
final class CounterSeries: CounterHandler, Series {
    static let kind = "counter"
    private let count = Shards(1)

    func increment(by amount: Int64) { count.mine.add(Int(amount)) }
    func reset() { count.reset() }

    func write(_ name: String, _ labels: Labels, to text: inout Exposition) {
        text.line(name, labels, Double(count.sum()))
    }
}

/// A total that is counted elsewhere: set to the current count, and never lowered.
public final class TotalSeries: Series {
    static let kind = "counter"
    private let bits = Atomic<UInt64>(Double.nan.bitPattern)

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func write(_ name: String, _ labels: Labels, to text: inout Exposition) {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        if !value.isNaN { text.line(name, labels, value) }
    }
}

/// Counts durations or amounts by size, in buckets.
final class HistogramSeries: TimerHandler, RecorderHandler, Series {
    static let kind = "histogram"
    private let bounds: [Double]
    /// A count per bucket, one for values beyond the last, and the sum.
    private let numbers: Shards

    init(bounds: [Double]) {
        self.bounds = bounds
        numbers = Shards(bounds.count + 2)
    }

    func record(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        let mine = numbers.mine
        mine.add(1, to: bucket)
        mine.addBits(of: value, to: bounds.count + 1)
    }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(_ name: String, _ labels: Labels, to text: inout Exposition) {
        var count = 0
        for (bucket, bound) in bounds.enumerated() {
            count += numbers.sum(bucket)
            text.line(name + "_bucket", labels.adding("le", Exposition.number(bound)), Double(count))
        }
        count += numbers.sum(bounds.count)
        text.line(name + "_bucket", labels.adding("le", "+Inf"), Double(count))
        text.line(name + "_sum", labels, numbers.sumOfBits(bounds.count + 1))
        text.line(name + "_count", labels, Double(count))
    }
}

/// Goes up and down; left out of the export while it is NaN, so that nothing is reported about the unknown.
final class GaugeSeries: MeterHandler, RecorderHandler, Series {
    static let kind = "gauge"
    private let bits = Atomic<UInt64>(Double.nan.bitPattern)

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func set(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func record(_ value: Int64) { set(value) }

    func increment(by amount: Double) {
        var before = bits.load(ordering: .relaxed)
        while true {
            let value = Double(bitPattern: before)
            let (exchanged, original) = bits.weakCompareExchange(
                expected: before, desired: ((value.isNaN ? 0 : value) + amount).bitPattern, ordering: .relaxed)
            if exchanged { return }
            before = original
        }
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    func write(_ name: String, _ labels: Labels, to text: inout Exposition) {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        if !value.isNaN { text.line(name, labels, value) }
    }
}
