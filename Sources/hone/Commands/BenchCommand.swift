import Arguments

/// Becomes hone-bench.
enum BenchCommand: Command {
    static let description = CommandDescription.bench

    static func run(_ arguments: ParsedArguments) async throws {
        throw Sibling.become("hone-bench", arguments.words)
    }
}
