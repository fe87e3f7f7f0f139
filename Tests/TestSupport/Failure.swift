/// What went wrong in setting up or driving a test.
public struct Failure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// The value, or a `Failure` with this message.
public func required<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws -> Value {
    guard let value else { throw Failure(what()) }
    return value
}
