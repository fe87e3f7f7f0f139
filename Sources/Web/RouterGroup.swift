public import HTTPTypes

/// Routes whose paths begin alike. Controllers add theirs to it; its router has them in the end.
public struct RouterGroup: Sendable {
    /// The router with all routes that were added to the group.
    public private(set) var router: Router
    private let prefix: String

    /// - Parameter prefix: what each path begins with: `/api/v1`.
    public init(_ router: Router, prefix: String = "") {
        self.router = router
        self.prefix = prefix
    }

    /// Adds a handler for the prefix with this pattern behind it.
    public mutating func on(_ method: HTTPRequest.Method, _ pattern: String, _ handler: @escaping Router.Handler) {
        router.on(method, prefix + pattern, handler)
    }
}
