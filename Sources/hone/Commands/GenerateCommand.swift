import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

enum GenerateCommand: Command {
    static let description = CommandDescription(
        "hone generate",
        "Draws completions of prompts.",
        operands: [OperandDescription("PROMPT", isRepeated: true)],
        options: [
            .value("model", "M", "A model's name or RUN@ITERATION."),
            .value("n", "N", "Completions for each prompt, default 4."),
            .value("temperature", "T", "Default 1; 0 is greedy."),
            .value("top-k", "K", "Keep the K most likely tokens; 0, the default, keeps all."),
            .value("top-p", "P", "Keep the smallest set of this probability; default 1."),
            .value("min-p", "P", "Keep tokens this many times as likely as the likeliest."),
            .value(
                "repetition-penalty",
                "R",
                "Over 1 makes tokens of prompt and completion less likely; default 1."
            ),
            .value("stop", "TEXT", "A completion ends before this text."),
            .value("strategy", "S", "sample, best_of_n, rejection or beam; default sample."),
            .value(
                "reward",
                "R",
                "What best_of_n and rejection choose by: JSON, a file or a name."
            ),
            .value("candidates", "N", "Completions that they choose from, default 16."),
            .value("beta", "B", "rejection: the higher, the more is accepted; default 0.5."),
            .value("width", "W", "beam: beginnings followed at a time, default 5."),
            .value("length-penalty", "A", "beam: divide log-probabilities by tokens^A; default 0."),
            .value("max-tokens", "N", "The most tokens of one completion, default 64."),
            .value("seed", "N", "Equal seeds give equal completions, default 0."),
            .flag("raw", "The prompt is raw text, not a user's message."), .data, .threads, .json,
        ],
        example: "hone generate --model smol --n 2 'Write a movie review of one sentence.'"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let request = try request(arguments)
        let rollouts = try await Session.with(
            arguments,
            local: { try await $0.generate(RolloutsRequest(request)) },
            remote: {
                try await $0.post(ListPage<RolloutObject>.self, "/v1/rollouts", request).data
            }
        )
        guard !arguments.has("json") else { return try Terminal.write(ListPage(rollouts)) }
        for (index, prompt) in arguments.operands.enumerated() {
            print("> \(prompt)")
            for rollout in rollouts where rollout.promptIndex == index {
                print("[\(rollout.sampleIndex)] \(rollout.text)")
            }
        }
    }

    private static func request(_ arguments: ParsedArguments) throws -> Value {
        let prompts: [Value] = arguments.operands.map { text in
            arguments.has("raw")
                ? .string(text) : [["role": "user", "content": .string(text)]]
        }
        var request: [String: Value] = [
            "model": .string(try arguments.required("model")), "prompts": .array(prompts),
            "n": .integer(try arguments.integer("n", in: 1...1024) ?? usualCount(arguments)),
            "sampling": .object(try sampling(arguments)),
        ]
        request["reward"] = try arguments["reward"].map { try Terminal.entry($0) }
        return .object(request)
    }

    /// A search or a choice is for one completion unless more are asked for.
    private static func usualCount(_ arguments: ParsedArguments) -> Int {
        (arguments["strategy"] ?? "sample") == "sample" ? 4 : 1
    }

    private static func sampling(_ arguments: ParsedArguments) throws -> [String: Value] {
        var sampling: [String: Value] = [:]
        for (option, range) in [
            ("temperature", 0...100), ("top-p", 0...1), ("min-p", 0...1), ("beta", 0...1e9),
            ("length-penalty", 0...10), ("repetition-penalty", 0...100),
        ] as [(String, ClosedRange<Double>)] {
            sampling[option.replacing("-", with: "_")] = try arguments.number(option, in: range)
                .map { .number($0) }
        }
        for (option, range) in [
            ("max-tokens", 1...1_048_576), ("top-k", 0...Int(Int32.max)), ("candidates", 1...1024),
            ("width", 1...64), ("seed", 0...Int.max),
        ] {
            sampling[option.replacing("-", with: "_")] = try arguments.integer(option, in: range)
                .map { .integer($0) }
        }
        sampling["stop"] = arguments["stop"].map { .string($0) }
        sampling["strategy"] = try arguments.choice("strategy", of: SamplingStrategy.names)
            .map { .string($0) }
        return sampling
    }
}
