/// One `--option` of a command.
public struct OptionDescription: Sendable, Hashable {
    /// Without the dashes.
    public var name: String
    /// What stands for its value in the help; `nil`: it has none.
    public var valueName: String?
    /// One sentence.
    public var meaning: String

    /// An option with a value: `--port N`.
    public static func value(_ name: String, _ valueName: String, _ meaning: String) -> Self {
        Self(name: name, valueName: valueName, meaning: meaning)
    }

    /// An option without a value: `--json`.
    public static func flag(_ name: String, _ meaning: String) -> Self {
        Self(name: name, valueName: nil, meaning: meaning)
    }
}

/// One word of a command that is not an option.
public struct OperandDescription: Sendable, Hashable {
    /// In capitals, as in the help.
    public var name: String
    /// Whether a call without it is wrong; required ones come first.
    public var isRequired: Bool
    /// Whether it takes all words that are left.
    public var isRepeated: Bool

    /// Makes one; fields that are not named here can be set after.
    public init(_ name: String, isRequired: Bool = true, isRepeated: Bool = false) {
        self.name = name
        self.isRequired = isRequired
        self.isRepeated = isRepeated
    }
}

/// A wrong use of a command: what is wrong and how it is meant.
///
/// Ends a program with exit code 2.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What a person reads: the fault, then the usage.
    public var description: String

    /// Makes one; fields that are not named here can be set after.
    public init(_ description: String) { self.description = description }
}
