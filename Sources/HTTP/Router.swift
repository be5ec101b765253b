/// Finds the route of a method and path.
///
/// Literal parts win over parameters, and parameters over rests.
public struct Router: Sendable {
    /// What a path and method lead to.
    public enum Match: Sendable {
        /// The route's index in `routes`, and the route.
        case found(index: Int, Route)
        /// The path exists with these methods only.
        case methodNotAllowed(allowed: [HTTPMethod])
        /// OPTIONS of a path that has no OPTIONS route of its own.
        case options(allowed: [HTTPMethod])
        /// No route has the path.
        case notFound
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var routes: [HTTPMethod: Int] = [:]
        var restRoutes: [HTTPMethod: Int] = [:]
    }

    /// Every route in the order given.
    public let routes: [Route]
    private var nodes = [Node()]

    /// Makes a router.
    ///
    /// Two routes of one method and shape of path are a programmer's error.
    public init(_ routes: [Route]) {
        self.routes = routes
        for index in routes.indices { insert(index) }
    }

    /// The match of a method and the decoded parts of a path.
    public func match(_ method: HTTPMethod, _ segments: [String]) -> Match {
        var allowed: Set<HTTPMethod> = []
        if let index = find(method, segments[...], at: 0, &allowed) {
            return .found(index: index, routes[index])
        }
        guard !allowed.isEmpty else { return .notFound }
        if allowed.contains(.get) { allowed.insert(.head) }
        allowed.insert(.options)
        let ordered = HTTPMethod.allCases.filter(allowed.contains)
        return method == .options ? .options(allowed: ordered) : .methodNotAllowed(allowed: ordered)
    }

    private mutating func insert(_ index: Int) {
        let route = routes[index]
        var node = 0
        var isRest = false
        for part in route.template.parts {
            switch part {
            case .literal(let text):
                node = child(of: node, at: \.literals[text])
            case .parameter:
                node = child(of: node, at: \.parameter)
            case .rest: isRest = true
            }
        }
        let table: WritableKeyPath<Node, [HTTPMethod: Int]> = isRest ? \.restRoutes : \.routes
        let existing = nodes[node][keyPath: table].updateValue(index, forKey: route.method)
        precondition(existing == nil, "two routes for \(route.method) \(route.template.text)")
    }

    private mutating func child(of node: Int, at place: WritableKeyPath<Node, Int?>) -> Int {
        if let existing = nodes[node][keyPath: place] { return existing }
        nodes.append(Node())
        nodes[node][keyPath: place] = nodes.count - 1
        return nodes.count - 1
    }

    private func find(
        _ method: HTTPMethod,
        _ segments: ArraySlice<String>,
        at index: Int,
        _ allowed: inout Set<HTTPMethod>
    ) -> Int? {
        let node = nodes[index]
        if let first = segments.first {
            let rest = segments.dropFirst()
            if let child = node.literals[first],
                let found = find(method, rest, at: child, &allowed)
            {
                return found
            }
            if !first.isEmpty, let child = node.parameter,
                let found = find(method, rest, at: child, &allowed)
            {
                return found
            }
            return choose(method, node.restRoutes, &allowed)
        }
        return choose(method, node.routes, &allowed)
    }

    private func choose(
        _ method: HTTPMethod,
        _ table: [HTTPMethod: Int],
        _ allowed: inout Set<HTTPMethod>
    ) -> Int? {
        if let index = table[method] { return index }
        if method == .head, let index = table[.get] { return index }
        allowed.formUnion(table.keys)
        return nil
    }
}
