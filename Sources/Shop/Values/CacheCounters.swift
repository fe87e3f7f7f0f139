public import CoreMetrics

/// Counts a cache's hits and misses.
public struct CacheCounters: Sendable {
    private let hits: Counter
    private let misses: Counter

    /// - Parameter cache: the cache's name in the metrics.
    public init(_ cache: String, _ factory: any MetricsFactory) {
        hits = Counter(label: "jangteo_cache_hits_total", dimensions: [("cache", cache)], factory: factory)
        misses = Counter(label: "jangteo_cache_misses_total", dimensions: [("cache", cache)], factory: factory)
    }

    /// Counts a hit, or a miss for nil, and returns its argument.
    public func counting<Found>(_ found: Found?) -> Found? {
        if found != nil { hits.increment() } else { misses.increment() }
        return found
    }
}
