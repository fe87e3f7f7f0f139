public import HTTPTypes

/// Routes with a common prefix. Controllers add theirs to the group; its router ends up with all of them.
public struct RouterGroup: Sendable {
    /// Has all routes added to the group so far.
    public private(set) var router: Router
    private let prefix: String

    /// - Parameter prefix: what each path starts with: `/api/v1`.
    public init(_ router: Router, prefix: String = "") {
        self.router = router
        self.prefix = prefix
    }

    /// Adds a handler for the prefix followed by this pattern.
    public mutating func on(_ method: HTTPRequest.Method, _ pattern: String, _ handler: @escaping Router.Handler) {
        router.on(method, prefix + pattern, handler)
    }
}
