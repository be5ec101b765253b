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
        var sampling: [String: Value] = [:]
        sampling["temperature"] = try arguments.number("temperature", in: 0...100)
            .map { .number($0) }
        sampling["max_tokens"] = try arguments.integer("max-tokens", in: 1...1_048_576)
            .map { .integer($0) }
        sampling["seed"] = try arguments.integer("seed", in: 0...Int.max).map { .integer($0) }
        return [
            "model": .string(try arguments.required("model")), "prompts": .array(prompts),
            "n": .integer(try arguments.integer("n", in: 1...1024) ?? 4),
            "sampling": .object(sampling),
        ]
    }
}
