import HTTPTypes
import Web

/// A browser's name in two words, after what it sends: `Firefox · Windows`. Proper names, the same in every language.
enum DeviceName {
    /// Browsers that also carry another's name come before it.
    private static let browsers = [
        ("SamsungBrowser/", "Samsung Internet"), ("Whale/", "Whale"), ("KAKAOTALK", "KakaoTalk"), ("NAVER(", "NAVER"),
        ("Edg", "Edge"), ("OPR/", "Opera"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ]
    private static let systems = [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Mac OS X", "Mac"), ("Linux", "Linux"),
    ]

    /// nil if nothing in it is known.
    static func of(_ request: Request) -> String? {
        guard let agent = request.fields.first(.userAgent) else { return nil }
        let known = [browsers, systems].compactMap { list in list.first { agent.contains($0.0) }?.1 }
        return known.isEmpty ? nil : known.joined(separator: " · ")
    }
}
