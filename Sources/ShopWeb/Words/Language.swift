import Web

/// The languages that the shop speaks.
enum Language: String, Sendable, CaseIterable {
    case korean = "ko"
    case english = "en"

    /// The best match for an `Accept-Language` field (RFC 9110, 12.5.4); Korean if nothing matches.
    init(acceptLanguage: String?) {
        var best = (language: Language.korean, quality: 0.0)
        for range in (acceptLanguage ?? "").split(separator: ",").prefix(32) {
            let parts = range.split(separator: ";").map { $0.trimmingSpaces() }
            guard let tag = parts.first?.lowercased() else { continue }
            let primary = tag.prefix { $0 != "-" }
            let language = primary == "*" ? .korean : Language(rawValue: String(primary))
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if let language, quality > best.quality { best = (language, quality) }
        }
        self = best.language
    }
}
