/// The labels of one series, in the order given.
struct Labels: Hashable, Sendable {
    /// The text between the braces: names and escaped values.
    let text: String

    private init(text: String) { self.text = text }

    init(_ dimensions: [(String, String)]) {
        self = dimensions.reduce(Labels(text: "")) { $0.adding($1.0, $1.1) }
    }

    func adding(_ name: String, _ value: String) -> Labels {
        Labels(text: text + (text.isEmpty ? "" : ",") + "\(name)=\"\(Self.escaped(value))\"")
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Writes Prometheus' text format, version 0.0.4.
struct Exposition {
    private(set) var text = ""

    /// The lines above a metric's series.
    mutating func head(_ name: String, _ help: String?, kind: String) {
        if let help {
            text += "# HELP \(name) \(help.map { $0 == "\\" ? "\\\\" : $0 == "\n" ? "\\n" : String($0) }.joined())\n"
        }
        text += "# TYPE \(name) \(kind)\n"
    }

    mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
        text += name
        if !labels.text.isEmpty { text += "{\(labels.text)}" }
        text += " \(Self.number(value))\n"
    }

    mutating func append(_ other: Exposition) { text += other.text }

    /// A whole number without a fraction, as a person would write it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
