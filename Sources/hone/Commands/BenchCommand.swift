import Arguments

/// Becomes hone-bench.
enum BenchCommand: Command {
    static let description = CommandDescription(
        "hone bench",
        "Measures this machine: kernels, sampling, training.",
        operands: [OperandDescription("ARGUMENT", isRequired: false, isRepeated: true)],
        example: "hone bench -- --help"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        throw Sibling.become("hone-bench", arguments.operands)
    }
}
