import Shop
import Web

/// Amounts as people write them.
enum Money {
    /// 29,500원 in Korean, ₩29,500 in English.
    static func text(_ won: Won, _ language: Language) -> String {
        let sign = won < .zero ? "-" : ""
        switch language {
        case .korean: return sign + grouped(won.amount.magnitude) + "원"
        case .english: return sign + "₩" + grouped(won.amount.magnitude)
        }
    }

    static func grouped(_ amount: UInt64) -> String {
        var text = ""
        let digits = String(amount)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
