public import HTTPTypes

/// The values of the pattern's parameters in the path, decoded.
public struct PathParameters: Sendable {
    fileprivate var values: [(name: String, value: String)] = []

    /// The parameter's value. Any name that is not in the pattern is a programming error.
    public subscript(name: String) -> String {
        guard let value = values.first(where: { $0.name == name })?.value else {
            preconditionFailure("no path parameter \(name)")
        }
        return value
    }
}

/// Finds the handler for a method and a path. Literal segments win over parameters; a GET handler answers HEAD as well.
public struct Router: Sendable {
    public typealias Handler = @Sendable (Request, PathParameters) throws -> Response

    /// A handler found for a request.
    public struct Match {
        fileprivate let route: Route
        fileprivate let values: [Substring]

        /// As added: `/products/:id`.
        public var pattern: String { route.pattern }

        /// Answers the request that the match was found for.
        public func respond(to request: Request) throws -> Response {
            var parameters = PathParameters()
            if route.names.isEmpty { return try route.handler(request, parameters) }
            for (name, value) in zip(route.names, values) {
                guard let value = PercentEncoding.decode(value, plusIsSpace: false) else {
                    throw RequestError.malformed("percent-encoding or UTF-8 in the path")
                }
                parameters.values.append((name, value))
            }
            return try route.handler(request, parameters)
        }
    }

    fileprivate struct Route: Sendable {
        let pattern: String
        /// The parameters' names, in order.
        let names: [String]
        let isHidden: Bool
        let handler: Handler
    }

    private struct Node: Sendable {
        var literals: [Substring: Int] = [:]
        var parameter: Int?
        var routes: [HTTPRequest.Method: Route] = [:]
    }

    private var nodes = [Node()]

    public init() {}

    /// Adds a handler. A pattern's segment that starts with a colon is a parameter: `/products/:id`.
    ///
    /// - Parameter isHidden: whether a request with another method is not found, instead of being told which are allowed.
    public mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String, isHidden: Bool = false, _ handler: @escaping Handler
    ) {
        var at = 0
        var names: [String] = []
        var rest = Substring(pattern)
        while let segment = Self.nextSegment(&rest) {
            let next: Int?
            if segment.first == ":" {
                names.append(String(segment.dropFirst()))
                next = nodes[at].parameter
            } else {
                next = nodes[at].literals[segment]
            }
            if let next {
                at = next
                continue
            }
            nodes.append(Node())
            if segment.first == ":" {
                nodes[at].parameter = nodes.count - 1
            } else {
                nodes[at].literals[segment] = nodes.count - 1
            }
            at = nodes.count - 1
        }
        precondition(nodes[at].routes[method] == nil, "\(method) \(pattern) is there twice")
        nodes[at].routes[method] = Route(pattern: pattern, names: names, isHidden: isHidden, handler: handler)
    }

    /// All routes, in no particular order.
    public var routes: [(method: HTTPRequest.Method, pattern: String)] {
        nodes.flatMap { node in node.routes.map { (method: $0.key, pattern: $0.value.pattern) } }
    }

    /// Answers the request, or throws `RequestError.notFound`, `.methodNotAllowed`, or what the handler throws.
    public func respond(to request: Request) throws -> Response {
        try match(request).respond(to: request)
    }

    /// Finds the handler for the request, or throws `RequestError.notFound` or `.methodNotAllowed`.
    public func match(_ request: Request) throws -> Match {
        guard request.path.utf8.first == UInt8(ascii: "/") else { throw RequestError.notFound }
        var at = 0
        var values: [Substring] = []
        var rest = Substring(request.path)
        while let segment = Self.nextSegment(&rest) {
            if let next = nodes[at].literals[segment] {
                at = next
            } else if let next = nodes[at].parameter, !segment.isEmpty {
                values.append(segment)
                at = next
            } else {
                throw RequestError.notFound
            }
        }
        let routes = nodes[at].routes
        guard !routes.isEmpty else { throw RequestError.notFound }
        guard let route = routes[request.method == .head ? .get : request.method] else {
            if routes.values.allSatisfy(\.isHidden) { throw RequestError.notFound }
            throw RequestError.methodNotAllowed(allowed(routes.keys))
        }
        return Match(route: route, values: values)
    }

    private func allowed(_ methods: some Sequence<HTTPRequest.Method>) -> [HTTPRequest.Method] {
        var allowed = Set(methods)
        if allowed.contains(.get) { allowed.insert(.head) }
        allowed.insert(.options)
        return allowed.sorted { $0.rawValue < $1.rawValue }
    }

    /// Removes the first segment, with the slash before it, from a path; nil at the end. A trailing slash makes an
    /// empty last segment, which matches nothing.
    private static func nextSegment(_ rest: inout Substring) -> Substring? {
        guard rest.utf8.first == UInt8(ascii: "/") else { return nil }
        let behind = rest.utf8.dropFirst()
        let end = behind.firstIndex(of: UInt8(ascii: "/")) ?? behind.endIndex
        rest = Substring(behind[end...])
        return Substring(behind[..<end])
    }
}
