import Arguments

/// Becomes hone-bench.
enum BenchCommand: Command {
    private static let numbers: [OptionDescription] = [
        .value("repetitions", "N", "Measured runs; the median is shown, default 5."),
        .value("prompt-tokens", "N", "Length of the prompts, default 128."),
        .value("new-tokens", "N", "Length of the completions, default 64."),
    ]

    static let description = CommandDescription(
        "hone bench",
        "Measures sampling, scoring and training of a model on this machine.",
        operands: [OperandDescription("MODEL", isRequired: true, isRepeated: false)],
        options: numbers + [.data, .threads, .json],
        example: "hone bench smol --repetitions 3"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        var passed = arguments.operands
        for option in numbers + [.data, .threads] {
            if let value = arguments[option.name] { passed += ["--\(option.name)", value] }
        }
        if arguments.has("json") { passed.append("--json") }
        throw Sibling.become("hone-bench", passed)
    }
}
