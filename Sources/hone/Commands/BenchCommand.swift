import Arguments

/// Becomes hone-bench.
enum BenchCommand: Command {
    static let description = CommandDescription.bench

    static func run(_ arguments: ParsedArguments) async throws {
        var passed = arguments.operands
        for option in description.options {
            if let value = arguments[option.name] { passed += ["--\(option.name)", value] }
            if arguments.has(option.name) { passed.append("--\(option.name)") }
        }
        throw Sibling.become("hone-bench", passed)
    }
}
