public import CoreMetrics

/// Counts how often something that is kept in memory was there.
public struct CacheCounters: Sendable {
    private let hits: Counter
    private let misses: Counter

    /// - Parameter cache: names it among the others.
    public init(_ cache: String, _ factory: any MetricsFactory) {
        hits = Counter(label: "jangteo_cache_hits_total", dimensions: [("cache", cache)], factory: factory)
        misses = Counter(label: "jangteo_cache_misses_total", dimensions: [("cache", cache)], factory: factory)
    }

    /// Counts what was found, or that it was not; and hands it on.
    public func counting<Found>(_ found: Found?) -> Found? {
        if found != nil { hits.increment() } else { misses.increment() }
        return found
    }
}
