/// One thing wrong with what a user wrote, and how to mend it.
public struct Fault: Error, Sendable, Hashable, Codable {
    /// Where: a JSON path such as `$.optimizer.learning_rate`.
    public var path: String
    /// What is wrong and what to write instead.
    public var message: String

    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

/// All the faults of one input, found in one pass.
public struct Faults: Error, Sendable, Hashable, CustomStringConvertible {
    public var list: [Fault]

    public init(_ list: [Fault]) { self.list = list }

    public var description: String {
        list.map { "\($0.path): \($0.message)" }.joined(separator: "\n")
    }
}
