/// The arguments of one call of a command.
public struct ParsedArguments: Sendable, Hashable {
    /// What they were read by.
    public let command: CommandDescription
    /// The words that are not options, in the order they were typed.
    public internal(set) var operands: [String] = []
    /// `--help` or `-h` was given: what follows it was not read, and nothing was checked.
    public internal(set) var wantsHelp = false
    var values: [String: [String]] = [:]
    var flags: Set<String> = []

    init(command: CommandDescription) { self.command = command }

    /// Whether `--name` was given.
    public func has(_ name: String) -> Bool { flags.contains(name) }

    /// The value of `--name`, the last one when it was given more than once.
    public subscript(name: String) -> String? { values[name]?.last }

    /// All values of `--name`, in the order they were given.
    public func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The parts of `--name`, between commas; `nil` when it was not given.
    public func list(_ name: String) -> [String]? {
        self[name]?.split(separator: ",").map(String.init)
    }

    /// Words that read as these arguments again, for another program with the same description.
    public var words: [String] {
        let options = command.options.flatMap { option in
            all(option.name).flatMap { ["--\(option.name)", $0] }
                + (has(option.name) ? ["--\(option.name)"] : [])
        }
        return options + (operands.contains { $0.hasPrefix("-") } ? ["--"] : []) + operands
    }

    /// The value of an option that must be there.
    public func required(_ name: String) throws(UsageError) -> String {
        guard let value = self[name] else { throw wrong("--\(name) is required") }
        return value
    }

    /// A whole number within a range.
    public func integer(
        _ name: String,
        in range: ClosedRange<Int>
    ) throws(UsageError) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let bound = range.upperBound == .max ? "" : " to \(range.upperBound)"
            throw wrong(
                "--\(name) must be a whole number from \(range.lowerBound)\(bound), not \"\(text)\""
            )
        }
        return number
    }

    /// A finite number within a range.
    public func number(
        _ name: String,
        in range: ClosedRange<Double>
    ) throws(UsageError) -> Double? {
        guard let text = self[name] else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw wrong(
                "--\(name) must be a number from \(range.lowerBound) to \(range.upperBound), "
                    + "not \"\(text)\""
            )
        }
        return number
    }

    /// One of a few words.
    public func choice(_ name: String, of words: [String]) throws(UsageError) -> String? {
        guard let text = self[name] else { return nil }
        guard words.contains(text) else {
            throw wrong("--\(name) must be \(words.joined(separator: " or ")), not \"\(text)\"")
        }
        return text
    }

    /// An error of use of this command.
    public func wrong(_ message: String) -> UsageError {
        UsageError("\(command.name): \(message)\n\(command.usage)\nTry `\(command.name) --help`.")
    }
}
