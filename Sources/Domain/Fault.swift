/// One thing wrong with what a user wrote, and how to mend it.
public struct Fault: Error, Sendable, Hashable, Codable {
    /// Where: a JSON path such as `$.optimizer.learning_rate`.
    public var path: String
    /// What is wrong and what to write instead.
    public var message: String

    /// A fault at a JSON path.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

/// All the faults of one input, found in one pass.
public struct Faults: Error, Sendable, Hashable, CustomStringConvertible {
    /// The faults in the order they were found.
    public var list: [Fault]

    /// Gathers faults into one error to throw.
    public init(_ list: [Fault]) { self.list = list }

    /// One line a fault: its path, a colon, its message.
    public var description: String {
        list.map { "\($0.path): \($0.message)" }.joined(separator: "\n")
    }
}
