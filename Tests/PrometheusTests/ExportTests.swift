import CoreMetrics
import Dispatch
import Prometheus
import Testing

/// What the exporter writes, to the letter.
struct ExportTests {
    @Test func `a counter has its help, its type and a line for each series`() {
        let metrics = PrometheusMetrics([Family("shop_orders_total", "Orders taken.")])
        Counter(label: "shop_orders_total", dimensions: [("way", "page")], factory: metrics).increment(by: 3)
        Counter(label: "shop_orders_total", dimensions: [("way", "api")], factory: metrics).increment()
        #expect(
            metrics.export() == """
                # HELP shop_orders_total Orders taken.
                # TYPE shop_orders_total counter
                shop_orders_total{way="api"} 1
                shop_orders_total{way="page"} 3

                """)
    }

    @Test func `a timer is a histogram in seconds`() {
        let metrics = PrometheusMetrics([Family("wait_seconds", "Waits.", buckets: [0.001, 0.25, 1])])
        let timer = Timer(label: "wait_seconds", dimensions: [("for", "disk")], factory: metrics)
        for milliseconds in [1, 2, 250, 500, 3_000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            metrics.export() == """
                # HELP wait_seconds Waits.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{for="disk",le="0.001"} 1
                wait_seconds_bucket{for="disk",le="0.25"} 3
                wait_seconds_bucket{for="disk",le="1"} 4
                wait_seconds_bucket{for="disk",le="+Inf"} 5
                wait_seconds_sum{for="disk"} 3.753
                wait_seconds_count{for="disk"} 5

                """)
    }

    @Test func `a recorder that aggregates is a histogram of amounts`() {
        let metrics = PrometheusMetrics([Family("group_size", "Sizes.", buckets: [1, 4])])
        let recorder = Recorder(label: "group_size", factory: metrics)
        recorder.record(1)
        recorder.record(2.5)
        recorder.record(9)
        #expect(
            metrics.export() == """
                # HELP group_size Sizes.
                # TYPE group_size histogram
                group_size_bucket{le="1"} 1
                group_size_bucket{le="4"} 2
                group_size_bucket{le="+Inf"} 3
                group_size_sum 12.5
                group_size_count 3

                """)
    }

    @Test func `a meter exports the last value, and nothing before the first`() {
        let metrics = PrometheusMetrics([Family("depth", "Depth.")])
        let meter = Meter(label: "depth", factory: metrics)
        #expect(metrics.export() == "")
        meter.set(2.5)
        #expect(metrics.export() == "# HELP depth Depth.\n# TYPE depth gauge\ndepth 2.5\n")
        meter.set(7)
        meter.increment()
        meter.decrement(by: 2)
        #expect(metrics.export().hasSuffix("\ndepth 6\n"))
        meter.set(Double.infinity)
        #expect(metrics.export().hasSuffix("\ndepth +Inf\n"))
        meter.set(Double.nan)
        #expect(metrics.export() == "")
    }

    @Test func `a label's value cannot end it`() {
        let metrics = PrometheusMetrics([Family("a_total", "Has a \\ and\na line.")])
        Counter(label: "a_total", dimensions: [("x", "\"} 9\nb_total 1 \\")], factory: metrics).increment()
        #expect(
            metrics.export() == #"""
                # HELP a_total Has a \\ and\na line.
                # TYPE a_total counter
                a_total{x="\"} 9\nb_total 1 \\"} 1

                """#)
    }

    @Test func `the same name and labels are the same series`() {
        let metrics = PrometheusMetrics([])
        for _ in 0..<3 { Counter(label: "a_total", dimensions: [("x", "y")], factory: metrics).increment() }
        #expect(metrics.export() == "# TYPE a_total counter\na_total{x=\"y\"} 3\n")
    }

    @Test func `a destroyed metric is gone, and a reset one starts over`() {
        let metrics = PrometheusMetrics([])
        let counter = Counter(label: "a_total", factory: metrics)
        let other = Counter(label: "b_total", factory: metrics)
        counter.increment()
        other.increment(by: 5)
        other.reset()
        counter.destroy()
        #expect(metrics.export() == "# TYPE b_total counter\nb_total 0\n")
    }

    @Test func `samplers run before each export`() {
        let metrics = PrometheusMetrics([])
        let meter = Meter(label: "depth", factory: metrics)
        metrics.beforeExport { meter.increment() }
        _ = metrics.export()
        #expect(metrics.export().hasSuffix("depth 2\n"))
    }

    @Test func `nothing is lost when many threads count at once`() {
        let metrics = PrometheusMetrics([Family("t_seconds", "Times.", buckets: [1])])
        let counter = Counter(label: "n_total", factory: metrics)
        let timer = Timer(label: "t_seconds", factory: metrics)
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            for _ in 0..<10_000 {
                counter.increment()
                timer.recordMilliseconds(500)
                // Made by all threads at once, it is one series all the same.
                if Bool.random() { Counter(label: "n_total", factory: metrics).increment(by: 0) }
            }
        }
        let text = metrics.export()
        #expect(text.contains("\nn_total 160000\n"))
        #expect(text.contains("\nt_seconds_bucket{le=\"1\"} 160000\nt_seconds_bucket{le=\"+Inf\"} 160000\n"))
        #expect(text.contains("\nt_seconds_sum 80000\nt_seconds_count 160000\n"))
    }
}
