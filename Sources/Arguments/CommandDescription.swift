import Domain

/// What a command takes: the one table that parses its arguments and prints its help.
public struct CommandDescription: Sendable, Hashable {
    /// As typed: `hone train`.
    public var name: String
    /// One sentence.
    public var summary: String
    /// The words that are not options, in the order they are typed.
    public var operands: [OperandDescription]
    /// The options it knows besides `--help`.
    public var options: [OptionDescription]
    /// A line to copy.
    public var example: String

    /// Makes one; fields that are not named here can be set after.
    public init(
        _ name: String,
        _ summary: String,
        operands: [OperandDescription] = [],
        options: [OptionDescription] = [],
        example: String
    ) {
        self.name = name
        self.summary = summary
        self.operands = operands
        self.options = options
        self.example = example
    }

    /// Reads arguments: `--name value`, `--name=value`, flags, operands, and `--` before operands
    /// that begin with dashes.
    ///
    /// - Throws: what is wrong, naming the nearest option for an unknown one.
    public func parse(_ arguments: some Sequence<String>) throws(UsageError) -> ParsedArguments {
        var parsed = ParsedArguments(command: self)
        var rest = Array(arguments)[...]
        var takesOptions = true
        while let argument = rest.popFirst() {
            if takesOptions, argument == "--" {
                takesOptions = false
            } else if takesOptions, argument == "--help" || argument == "-h" {
                parsed.wantsHelp = true
                return parsed
            } else if takesOptions, argument.hasPrefix("-"), argument != "-" {
                try readOption(argument, &rest, into: &parsed)
            } else {
                parsed.operands.append(argument)
            }
        }
        try checkOperands(parsed.operands)
        return parsed
    }

    private func readOption(
        _ argument: String,
        _ rest: inout ArraySlice<String>,
        into parsed: inout ParsedArguments
    ) throws(UsageError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let typed = String(parts.first ?? "")
        let inline = parts.count > 1 ? String(parts[1]) : nil
        guard let option = options.first(where: { "--" + $0.name == typed }) else {
            let hint = NameHint.meant(typed, among: options.map { "--" + $0.name }, mark: "")
            throw wrong("unknown option \(typed)\(hint)")
        }
        guard let valueName = option.valueName else {
            guard inline == nil else { throw wrong("\(typed) takes no value") }
            parsed.flags.insert(option.name)
            return
        }
        guard let value = inline ?? rest.popFirst() else {
            throw wrong("\(typed) needs a value: \(typed) \(valueName)")
        }
        parsed.values[option.name, default: []].append(value)
    }

    private func checkOperands(_ given: [String]) throws(UsageError) {
        let required = operands.prefix { $0.isRequired }
        if given.count < required.count {
            throw wrong("\(required[given.count].name) is missing")
        }
        if given.count > operands.count, operands.last?.isRepeated != true {
            throw wrong("\"\(given[operands.count])\" is one argument too many")
        }
    }

    private func wrong(_ message: String) -> UsageError {
        UsageError("\(name): \(message)\n\(usage)\nTry `\(name) --help`.")
    }

    /// `usage: hone train SPEC [options]`.
    public var usage: String {
        let words = operands.map { operand in
            let name = operand.isRepeated ? "\(operand.name)…" : operand.name
            return operand.isRequired ? name : "[\(name)]"
        }
        return (["usage:", name] + words + (options.isEmpty ? [] : ["[options]"]))
            .joined(separator: " ")
    }

    /// Everything about the command, with an example.
    public var help: String {
        var lines = [summary, "", usage]
        if !options.isEmpty {
            lines += ["", "options:"]
            let names = options.map { "--\($0.name)\($0.valueName.map { " " + $0 } ?? "")" }
            let width = names.map(\.count).max() ?? 0
            for (name, option) in zip(names, options) {
                let padding = String(repeating: " ", count: width - name.count)
                lines.append("  \(name)\(padding)  \(option.meaning)")
            }
        }
        return (lines + ["", "example:", "  \(example)"]).joined(separator: "\n")
    }
}
