/// The fields of a query, read by name; collects what is wrong with them.
///
/// Unknown fields are ignored: others add parameters to links. A known one may occur only once.
public struct QueryFields {
    private let fields: FormFields
    private var errors: [FieldError] = []

    /// Throws `RequestError.malformed` if the query is malformed.
    public init(_ request: Request) throws {
        fields = try FormFields(request.query)
    }

    /// Fields that were decoded before.
    public init(_ fields: FormFields) { self.fields = fields }

    /// The field's value, at most `longest` characters; nil if it is missing.
    public mutating func text(_ name: String, longest: Int) -> String? {
        let given = fields.fields.filter { $0.name == name }
        guard let first = given.first else { return nil }
        guard let value = first.value else {
            refuse(name, .encoding)
            return nil
        }
        if given.count > 1 {
            refuse(name, .repeated)
        } else if value.unicodeScalars.count > longest {
            refuse(name, .longer(longest))
        } else if value.unicodeScalars.contains("\0") {
            refuse(name, .characters)
        }
        return value
    }

    public mutating func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        guard let text = text(name, longest: 20) else { return standard }
        guard let value = Int(text) else {
            refuse(name, .type("integer"))
            return standard
        }
        if value < range.lowerBound { refuse(name, .below(Int64(range.lowerBound))) }
        if value > range.upperBound { refuse(name, .above(Int64(range.upperBound))) }
        return value
    }

    /// - Parameter word: each choice's name in the query.
    public mutating func choice<Choice: CaseIterable>(
        _ name: String, default standard: Choice, word: (Choice) -> String
    ) -> Choice {
        guard let text = text(name, longest: 40) else { return standard }
        guard let value = Choice.allCases.first(where: { word($0) == text }) else {
            refuse(name, .choice(Choice.allCases.map(word)))
            return standard
        }
        return value
    }

    /// Adds an error that only the caller can detect.
    public mutating func refuse(_ name: String, _ issue: FieldError.Issue) {
        errors.append(FieldError(name, issue))
    }

    /// Throws the collected errors.
    public func finish() throws {
        if !errors.isEmpty { throw ValidationError(errors) }
    }
}
