import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local
import Presentation

enum EvaluateCommand: Command {
    static let description = CommandDescription(
        "hone evaluate",
        "Measures one or two models on prompts, or rewards on pairs.",
        options: [
            .value("model", "M", "A model's name or RUN@ITERATION; a second one to compare with."),
            .value(
                "reference",
                "M",
                "What the KL is measured to, default what M was trained from."
            ),
            .value("prompts", "FILE", "Prompts, one JSON object a line."),
            .value("pairs", "FILE", "Pairs or ratings to judge the rewards by."),
        ] + EvaluationRun.options,
        example: "hone evaluate --model helpful-1 --model smol --prompts held-out.jsonl "
            + "--reward reward-1 --n 4"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        var fields = try EvaluationRun.fields(arguments)
        fields["models"] = .array(arguments.all("model").map { .string($0) })
        fields["reference"] = arguments["reference"].map { .string($0) }
        fields["prompts"] = EvaluationRun.source(arguments["prompts"])
        fields["pairs"] = EvaluationRun.source(arguments["pairs"])
        try await EvaluationRun.perform(.object(fields), arguments)
    }
}

enum CompareCommand: Command {
    static let description = CommandDescription(
        "hone compare",
        "Says how far two rewards agree on the same texts.",
        options: [
            .value("items", "FILE", "Completions, {\"prompt\", \"completion\"} a line."),
            .value("prompts", "FILE", "Prompts for a model to complete, in place of items."),
            .value("model", "M", "The model that completes the prompts."),
        ] + EvaluationRun.options,
        example: "hone compare --reward proxy --reward gold --items completions.jsonl"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        guard arguments.all("reward").count >= 2 else {
            throw arguments.wrong("--reward must be given twice: two rewards are compared")
        }
        var fields = try EvaluationRun.fields(arguments)
        fields["models"] = .array(arguments.all("model").map { .string($0) })
        fields["items"] = EvaluationRun.source(arguments["items"])
        fields["prompts"] = EvaluationRun.source(arguments["prompts"])
        try await EvaluationRun.perform(.object(fields), arguments)
    }
}

/// What the two commands share.
private enum EvaluationRun {
    static let options: [OptionDescription] = [
        .value("reward", "R", "JSON, a file of it, or the name of a reward or reward model."),
        .value("n", "N", "Completions for each prompt, default 1."),
        .value("temperature", "T", "Default 1; 0 is greedy."),
        .value("max-tokens", "N", "The most tokens of one completion, default 64."),
        .value("seed", "N", "Equal seeds give equal results, default 0."),
        .value("samples", "N", "Completions to show, default 3."), .data, .threads, .json,
    ]

    static func fields(_ arguments: ParsedArguments) throws -> [String: Value] {
        func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Value? {
            try arguments.integer(name, in: range).map { .integer($0) }
        }
        var sampling: [String: Value] = [:]
        sampling["temperature"] = try arguments.number("temperature", in: 0...100)
            .map { .number($0) }
        sampling["max_tokens"] = try integer("max-tokens", 1...1_048_576)
        var fields: [String: Value] = ["sampling": .object(sampling)]
        fields["rewards"] = .array(
            try arguments.all("reward").map { try Self.reward(try Terminal.entry($0)) }
        )
        fields["n"] = try integer("n", 1...256)
        fields["seed"] = try integer("seed", 0...Int.max)
        fields["samples"] = try integer("samples", 0...1000)
        return fields
    }

    /// A name that no rule has is a reward model's.
    private static func reward(_ entry: Value) throws -> Value {
        guard let fields = entry.objectValue, fields.count == 1,
            let name = fields["name"]?.stringValue,
            !Catalogues.rewards.contains(where: { $0.name == name })
        else { return entry }
        return ["name": "model", "model": .string(name)]
    }

    /// A file by its whole path: a honed of this machine may stand elsewhere.
    static func source(_ file: String?) -> Value? {
        file.map { ["file": .string(URL(fileURLWithPath: $0).path)] }
    }

    static func perform(_ request: Value, _ arguments: ParsedArguments) async throws {
        let show = arguments.has("json") ? nil : Terminal.follower.transient
        let start = ContinuousClock().now
        let progress: @Sendable (Int, Int) async -> Void = { completed, total in
            let seconds = (ContinuousClock().now - start) / .seconds(1)
            show?(
                ProgressBar().line(
                    "evaluate",
                    completed: completed,
                    total: total,
                    seconds: seconds
                )
            )
        }
        let result = try await Session.with(
            arguments,
            local: { session in
                try await session.evaluate(EvaluationsRequest(request), progress: progress)
            },
            remote: { try await follow(request, $0, progress) }
        )
        Terminal.clearProgress()
        let isJSON = arguments.has("json")
        print(isJSON ? JSONText.text(result, pretty: true) : EvaluationText(result).text)
    }

    private static func follow(
        _ request: Value,
        _ client: HoneClient,
        _ progress: @Sendable (Int, Int) async -> Void
    ) async throws -> Value {
        var found = try await client.post(EvaluationObject.self, "/v1/evaluations", request)
        let path = "/v1/evaluations/\(found.id)"
        do {
            while !found.state.isFinal {
                try await Task.sleep(for: .milliseconds(300))
                found = try await client.get(EvaluationObject.self, path)
                await progress(found.progress.completed, found.progress.total)
            }
        } catch is CancellationError {
            let id = found.id
            // What nobody waits for any more need not be done; the caller's task is cancelled.
            _ = try? await Task { try await client.post(EvaluationObject.self, path + "/cancel") }
                .value
            throw HoneError(.conflict, "the evaluation \(id) was cancelled")
        }
        guard let result = found.result else {
            let reason = found.error.map { ": \($0.message)" } ?? ""
            throw HoneError(
                .conflict,
                "the evaluation \(found.id) is \(found.state.rawValue)\(reason)"
            )
        }
        return result
    }
}
