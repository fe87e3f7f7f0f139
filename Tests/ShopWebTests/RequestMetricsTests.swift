import CoreMetrics
import Prometheus
import Shop
import ShopTestSupport
import Synchronization
import Testing

@testable import ShopWeb

/// Counting a request takes no lock, and loses none.
struct RequestMetricsTests {
    @Test func `each key has one metric, however many threads ask for it first`() throws {
        let made = Atomic<Int>(0)
        let counters = PrometheusMetrics([])
        let table = MetricTable<Int, Counter>(capacity: 64) { key in
            made.add(1, ordering: .relaxed)
            return Counter(label: "n_total", dimensions: [("key", "\(key)")], factory: counters)
        }
        let racers = Racers(8) { _ in
            for round in 0..<1_000 { table[round % 40].increment() }
        }
        _ = try #require(racers.outcomes())
        for key in 0..<40 { #expect(counters.export().contains("n_total{key=\"\(key)\"} 200\n")) }
        let afterwards = made.load(ordering: .relaxed)
        table[7].increment()
        #expect(made.load(ordering: .relaxed) == afterwards, "it is found and not made")
    }

    @Test func `a full table still counts`() {
        let metrics = PrometheusMetrics([])
        let table = MetricTable<Int, Counter>(capacity: 4) { key in
            Counter(label: "n_total", dimensions: [("key", "\(key)")], factory: metrics)
        }
        for _ in 0..<3 { for key in 0..<9 { table[key].increment() } }
        for key in 0..<9 { #expect(metrics.export().contains("n_total{key=\"\(key)\"} 3\n")) }
    }

    @Test func `what a client makes up does not become a label`() {
        let metrics = PrometheusMetrics([])
        let requests = RequestMetrics(metrics)
        requests.count(.init("BREW"), nil, .notFound, since: .now)
        requests.count(.get, nil, .notFound, since: .now)
        requests.count(nil, nil, .badRequest, since: .now)
        requests.count(.patch, "/things/:id", .ok, since: .now)
        let lines = metrics.export().split(separator: "\n").filter { $0.hasPrefix("jangteo_http_requests_total") }
        #expect(
            lines == [
                #"jangteo_http_requests_total{route="/things/:id",method="PATCH",status="200"} 1"#,
                #"jangteo_http_requests_total{route="none",method="GET",status="404"} 1"#,
                #"jangteo_http_requests_total{route="none",method="other",status="400"} 1"#,
                #"jangteo_http_requests_total{route="none",method="other",status="404"} 1"#,
            ])
    }
}
