/// What is wrong with one field of an input. Without words: those depend on the reader's language.
public struct FieldError: Error, Sendable, Equatable {
    public enum Issue: Sendable, Equatable {
        case missing
        case unknown
        case repeated
        /// Not of the type that stands there: "integer", "string", "boolean", "object", "array", "time".
        case type(String)
        case below(Int64)
        case above(Int64)
        /// Text shorter or longer, in characters.
        case shorter(Int)
        case longer(Int)
        case fewer(Int)
        case more(Int)
        /// None of the values that may stand there.
        case choice([String])
        /// Percent-encoding or UTF-8 that is not well-formed.
        case encoding
        /// Characters that may not stand there.
        case characters
        /// A cursor that this list never gave out.
        case cursor
        /// A new password that many people have.
        case commonPassword
        /// A new password that is the login.
        case loginAsPassword
        /// A time that has to come after the one in another field.
        case after(String)
    }

    /// Where it stands: `amount`, `items.0.quantity`; "" for the whole input.
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
