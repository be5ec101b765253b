import APITypes
import Arguments
import Client
import Domain
import Local
import Objectives

enum LogprobsCommand: Command {
    static let description = CommandDescription(
        "hone logprobs",
        "Per-token log-probabilities of the lines of standard input.",
        options: [.value("model", "M", "A model's name or RUN@ITERATION."), .data, .threads],
        example:
            #"echo '{"prompt":"Once upon","completion":" a time"}' | hone logprobs --model smol"#
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let model = try arguments.required("model")
        try await Session.with(
            arguments,
            local: { session in
                try await Terminal.answerLines { try await session.logprobs($0, model: model) }
            }
        )
    }
}

enum TokenizeCommand: Command {
    static let description = CommandDescription(
        "hone tokenize",
        "Text to tokens and back, line by line of standard input.",
        options: [.value("model", "M", "A model's name or RUN@ITERATION."), .data],
        example: #"echo '{"text":"Hello"}' | hone tokenize --model smol"#
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let model = try arguments.required("model")
        try await Session.with(
            arguments,
            local: { session in
                try await Terminal.answerLines { try await session.tokenize($0, model: model) }
            }
        )
    }
}

enum ScoreCommand: Command {
    static let description = CommandDescription(
        "hone score",
        "Scores the lines of standard input by a reward.",
        options: [
            .value("reward", "R", "JSON, a file of it, or the name of a reward."), .data, .threads,
            .remoteHosts, .allowPython, .allowPythonNetwork,
        ],
        example:
            #"echo '{"completion":"Great!"}' | hone score --reward '{"name":"length","target":20}'"#
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let reward = try Terminal.entry(try arguments.required("reward"))
        try await Session.with(
            arguments,
            local: { session in
                try await Terminal.answerLines { try await session.score($0, reward: reward) }
            },
            remote: { client in
                try await Terminal.answerLines { line in
                    let request: Value = ["reward": reward, "items": [line]]
                    let scores = try await client.post(ScoresObject.self, "/v1/rewards", request)
                    return try JSONText.value(of: scores.scores.first)
                }
            }
        )
    }
}

enum ObjectiveCommand: Command {
    static let description = CommandDescription(
        "hone objective",
        "Loss and gradients of the cases of standard input, one a line.",
        options: [.flag("check", "Compare with each line's \"expected\" in place of writing.")],
        example: "hone objective < cases.jsonl"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let checks = arguments.has("check")
        try await Terminal.answerLines { line in
            let answer = try ObjectiveCase.evaluate(line)
            guard checks else { return answer }
            let comparison = GoldenComparison(answer, expected: line["expected"] ?? .null)
            if let difference = comparison.difference {
                throw HoneError(.invalidData, "differs from expected: \(difference)")
            }
            return ["ok": true]
        }
    }
}
