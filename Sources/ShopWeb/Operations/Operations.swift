import HTTPTypes
public import Shop
import Web

/// What machines ask the shop: whether it answers, whether it can sell, how it is doing.
public struct Operations: Sendable {
    /// A slower write is one that customers wait for.
    private static let readySeconds = 1.0

    private let readiness: Readiness
    private let metrics: @Sendable () -> Metrics

    /// The shop's metrics, as text.
    public struct Metrics: Sendable {
        let mediaType: String
        let text: String

        public init(mediaType: String, text: String) {
            self.mediaType = mediaType
            self.text = text
        }
    }

    public init(readiness: Readiness, metrics: @escaping @Sendable () -> Metrics) {
        self.readiness = readiness
        self.metrics = metrics
    }

    func addRoutes(to group: inout RouterGroup) {
        group.on(.get, "/healthz") { _, _ in .text(.ok, "ok\n") }
        group.on(.get, "/readyz") { _, _ in ready() }
        group.on(.get, "/metrics") { _, _ in
            let metrics = metrics()
            return .text(.ok, metrics.text, mediaType: metrics.mediaType)
        }
    }

    private func ready() -> Response {
        switch readiness.check(within: Self.readySeconds) {
        case .committed: return .text(.ok, "ready\n")
        case .refused(let reason, _): return .notReady(reason)
        case .late: return .notReady("nothing was written within \(Int(Self.readySeconds)) s")
        }
    }
}

extension Response {
    fileprivate static func text(
        _ status: HTTPResponse.Status, _ text: String, mediaType: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(status, fields: [.contentType: mediaType, .cacheControl: "no-store"], body: Array(text.utf8))
    }

    fileprivate static func notReady(_ reason: String) -> Response {
        var response = text(.serviceUnavailable, "not ready: \(reason)\n")
        response.fields[.retryAfter] = "1"
        return response
    }
}
