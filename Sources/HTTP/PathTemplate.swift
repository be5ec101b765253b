/// A path with named parts: `/v1/runs/{id}`, or `{path...}` at the end for the rest.
public struct PathTemplate: Sendable, Hashable, ExpressibleByStringLiteral {
    /// One part between slashes.
    public enum Part: Sendable, Hashable {
        /// Must be equal.
        case literal(String)
        /// Any one non-empty part.
        case parameter(String)
        /// All that is left, slashes included; last only.
        case rest(String)
    }

    /// The template as it was written.
    public let text: String
    /// Its parts.
    public let parts: [Part]

    /// Reads a template; it must start with a slash, which is the programmer's care.
    public init(_ text: String) {
        precondition(text.hasPrefix("/"), "a path template starts with a slash: \(text)")
        self.text = text
        let pieces =
            text == "/"
            ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        parts = pieces.map { piece in
            guard piece.hasPrefix("{"), piece.hasSuffix("}") else { return .literal(String(piece)) }
            let name = piece.dropFirst().dropLast()
            return name.hasSuffix("...")
                ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
        for part in parts.dropLast() {
            if case .rest = part { preconditionFailure("{…...} is the last part: \(text)") }
        }
    }

    /// Reads a template.
    public init(stringLiteral value: String) { self.init(value) }

    /// The values of the varying parts of a path that matches.
    func values(in segments: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for (index, part) in parts.enumerated() {
            switch part {
            case .literal: continue
            case .parameter(let name): values[name] = segments[index]
            case .rest(let name): values[name] = segments[index...].joined(separator: "/")
            }
        }
        return values
    }
}
