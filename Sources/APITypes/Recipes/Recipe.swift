/// A whole run spec of `docs/recipes`, kept in the programs so that they need no documentation to
/// show it.
public struct Recipe: Sendable, Hashable, Codable {
    /// The name of its page, and of the run.
    public let name: String
    /// What the method is called.
    public let title: String
    /// What it does, in a line.
    public let summary: String
    /// The spec as JSON text, to be edited and given to `hone train`.
    public let spec: String

    init(name: String, title: String, summary: String, spec: String) {
        self.name = name
        self.title = title
        self.summary = summary
        self.spec = spec
    }
}
