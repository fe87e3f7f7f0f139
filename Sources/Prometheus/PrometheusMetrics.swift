public import CoreMetrics
import POSIX

/// A program's metrics, exported in Prometheus' format.
///
/// Counting costs a thread a few nanoseconds and no lock. Making a metric takes a lock: do it once, and keep the
/// result. The same name and labels always give the same series.
public final class PrometheusMetrics: MetricsFactory {
    private struct Kept {
        /// By name, then by labels.
        var series: [String: [Labels: any Series]] = [:]
        var samplers: [@Sendable () -> Void] = []
    }

    private let families: [String: Family]
    private let kept = Locked(Kept())

    /// - Parameter families: the description of each name. Any other has no help, and the buckets for durations.
    public init(_ families: [Family]) {
        self.families = Dictionary(uniqueKeysWithValues: families.map { ($0.name, $0) })
    }

    /// Has `sample` called before each export, to set what is not counted. One call at a time.
    public func beforeExport(_ sample: @escaping @Sendable () -> Void) {
        kept.write { $0.samplers.append(sample) }
    }

    /// The media type of an export.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Everything, sorted by name; names without a value are left out.
    public func export() -> String {
        for sample in kept.write({ $0.samplers }) { sample() }
        var all = Exposition()
        for (name, series) in kept.write({ $0.series }).sorted(by: { $0.key < $1.key }) {
            var lines = Exposition()
            for (labels, one) in series.sorted(by: { $0.key.text < $1.key.text }) {
                one.write(name, labels, to: &lines)
            }
            guard !lines.text.isEmpty, let one = series.values.first else { continue }
            all.head(name, families[name]?.help, kind: type(of: one).kind)
            all.append(lines)
        }
        return all.text
    }

    /// A counter for something that is counted elsewhere.
    public func makeTotal(_ label: String) -> TotalSeries { series(label, []) { TotalSeries() } }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) { CounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { GaugeSeries() }
    }

    /// An aggregating one is a histogram, any other a gauge.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions) }
        return series(label, dimensions) { GaugeSeries() }
    }

    /// A histogram in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func histogram(_ name: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        let bounds = families[name].map(\.buckets) ?? []
        return series(name, dimensions) { HistogramSeries(bounds: bounds.isEmpty ? Family.durations : bounds) }
    }

    /// The existing series, or a new one. Two kinds under one name are a programming error.
    private func series<Kind: Series>(
        _ name: String, _ dimensions: [(String, String)], _ make: () -> Kind
    ) -> Kind {
        let labels = Labels(dimensions)
        return kept.write { kept in
            if let there = kept.series[name]?.values.first {
                precondition(there is Kind, "\(name) is there already, as a \(type(of: there).kind)")
            }
            if let there = kept.series[name]?[labels] as? Kind { return there }
            let made = make()
            kept.series[name, default: [:]][labels] = made
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        kept.write { kept in
            for (name, series) in kept.series {
                let left = series.filter { $0.value !== handler }
                if left.count < series.count { kept.series[name] = left.isEmpty ? nil : left }
            }
        }
    }
}
