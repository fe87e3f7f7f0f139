/// What is wrong with one field of an input. Contains no text: that depends on the reader's language.
public struct FieldError: Error, Sendable, Equatable {
    public enum Issue: Sendable, Equatable {
        case missing
        case unknown
        case repeated
        /// Not of the named type: "integer", "string", "boolean", "object", "array", "time", "date".
        case type(String)
        case below(Int64)
        case above(Int64)
        /// Shorter or longer than so many characters.
        case shorter(Int)
        case longer(Int)
        case fewer(Int)
        case more(Int)
        /// Not one of the allowed values.
        case choice([String])
        /// Malformed percent-encoding or UTF-8.
        case encoding
        /// Characters that are not allowed.
        case characters
        /// A cursor that this list never issued.
        case cursor
        /// A new password that is commonly used.
        case commonPassword
        /// A new password that equals the login.
        case loginAsPassword
        /// A time that must be after the one in another field.
        case after(String)
    }

    /// The field's place: `amount`, `items.0.quantity`; "" for the whole input.
    public let field: String
    public let issue: Issue

    public init(_ field: String, _ issue: Issue) {
        self.field = field
        self.issue = issue
    }
}

/// Everything that is wrong with an input.
public struct ValidationError: Error, Sendable, Equatable {
    public let errors: [FieldError]

    public init(_ errors: [FieldError]) { self.errors = errors }
    public init(_ field: String, _ issue: FieldError.Issue) { errors = [FieldError(field, issue)] }
}
