import CoreMetrics
import HTTPTypes

/// Counts requests and how long they took.
struct RequestMetrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Instruments {
        let requests: Counter
        let duration: Timer
    }

    /// Any other method is a client's invention.
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    private let table: MetricTable<Key, Instruments>

    init(_ factory: any MetricsFactory) {
        table = MetricTable(capacity: 2_048) { key in
            Instruments(
                requests: Counter(
                    label: "jangteo_http_requests_total",
                    dimensions: [("route", key.route), ("method", key.method), ("status", String(key.status))],
                    factory: factory),
                duration: Timer(
                    label: "jangteo_http_request_duration_seconds",
                    dimensions: [("route", key.route), ("status", String(key.status))], factory: factory))
        }
    }

    /// - Parameters:
    ///   - method: nil if none could be read.
    ///   - route: the pattern that the path matches; nil for none.
    func count(
        _ method: HTTPRequest.Method?, _ route: String?, _ status: HTTPResponse.Status,
        since began: ContinuousClock.Instant
    ) {
        let known = method.flatMap { route != nil || Self.methods.contains($0) ? $0.rawValue : nil }
        let instruments = table[Key(route: route ?? "none", method: known ?? "other", status: status.code)]
        instruments.requests.increment()
        let (seconds, attoseconds) = began.duration(to: .now).components
        instruments.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// Counts refusals by the problem's code.
struct RefusalMetrics: Sendable {
    private let table: MetricTable<String, Counter>

    init(_ factory: any MetricsFactory) {
        table = MetricTable(capacity: 128) { code in
            Counter(label: "jangteo_refusals_total", dimensions: [("code", code)], factory: factory)
        }
    }

    func count(_ code: StaticString) { table[code.description].increment() }
}
