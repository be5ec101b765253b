import APITypes
import Domain
import Presentation
import Scheduling

/// Draws what `POST /v1/completions` or `POST /v1/chat/completions` asks for.
struct GenerationWork: Sendable {
    let control: any ControlService
    let options: GenerationOptions
    /// One a prompt, rendered.
    let encodings: [Encoding]
    /// Completions drawn for each prompt, from which `options.count` are chosen.
    var candidates: Int
    var echoes = false
    /// How many of the likeliest tokens are told; `nil`: no log-probabilities.
    var alternatives: Int?
    /// Whether the texts are needed in pieces.
    private var cutsPieces: Bool { drawn == nil && (options.streams || alternatives != nil) }

    /// Whether a stream may send tokens as they are drawn: all that are drawn are returned, and
    /// nothing else.
    var tellsAsDrawn: Bool {
        !echoes && candidates == options.count && options.sampling.maxTokens > 0
    }
    /// Told of each token when it is drawn, in order.
    var drawn: (@Sendable ([DrawnToken]) -> Void)?

    private var model: ServedModel { .model(options.model) }

    /// What was drawn.
    struct Outcome: Sendable {
        var choices: [DrawnChoice]
        var usage: TokenUsage
        var policyVersion: Int?
    }

    /// Renders and tokenises the prompts: what is wrong with them or the model is found here.
    static func encodings(
        _ prompts: [Prompt],
        _ options: GenerationOptions,
        _ control: any ControlService
    ) async throws(HoneError) -> [Encoding] {
        try await control.encode(
            model: .model(options.model),
            items: prompts.map { EncodingItem(prompt: $0) },
            recognisesSpecialTokens: true
        )
    }

    /// Draws, chooses, and tells of the tokens what was asked.
    func outcome() async throws(HoneError) -> Outcome {
        var groups: [[Rollout]]
        if options.sampling.maxTokens == 0 {
            groups = encodings.map {
                [Rollout](repeating: Self.nothing(after: $0), count: candidates)
            }
        } else {
            groups = try await drawn()
        }
        let usage = TokenUsage(
            promptTokens: encodings.reduce(0) { $0 + $1.promptTokens.count },
            completionTokens: groups.joined().reduce(0) { $0 + $1.completionTokens.count }
        )
        if candidates > options.count { groups = groups.map(best) }
        var choices = groups.joined().enumerated().map { index, rollout in
            DrawnChoice(
                index: index,
                text: rollout.text,
                stopReason: rollout.stopReason,
                promptTokens: rollout.promptTokens,
                completionTokens: rollout.completionTokens,
                tokens: zip(rollout.completionTokens, rollout.logprobs).map {
                    DrawnChoice.Token(id: $0, text: "", logprob: $1)
                }
            )
        }
        if echoes { try await addPrompts(to: &choices) }
        if let alternatives, alternatives > 0, drawn == nil {
            try await addAlternatives(alternatives, &choices)
        }
        if cutsPieces { try await addTexts(to: &choices) }
        return Outcome(
            choices: choices,
            usage: usage,
            policyVersion: groups.first?.first?.policyVersion
        )
    }

    private func drawn() async throws(HoneError) -> [[Rollout]] {
        var request = SampleRequest(
            model: model,
            prompts: encodings.map { .tokens($0.promptTokens) },
            groupSize: candidates,
            sampling: options.sampling,
            // An absent seed asks for other completions each time.
            seed: options.seed ?? UInt64.random(in: 0...UInt64(Int64.max))
        )
        request.reportedAlternatives = alternatives
        let groups = try await control.sample(request, drawn: drawn)
        return groups.map { $0.rollouts }
    }

    private static func nothing(after encoding: Encoding) -> Rollout {
        Rollout(
            promptTokens: encoding.promptTokens,
            completionTokens: [],
            text: "",
            logprobs: [],
            samplingLogprobs: [],
            policyVersion: 0,
            stopReason: .length
        )
    }

    /// The completions with the highest mean log-probability a token, the highest first.
    private func best(_ rollouts: [Rollout]) -> [Rollout] {
        func mean(_ rollout: Rollout) -> Double {
            rollout.logprobs.reduce(0) { $0 + Double($1) } / Double(max(1, rollout.logprobs.count))
        }
        let order = rollouts.indices.sorted {
            (mean(rollouts[$1]), $0) < (mean(rollouts[$0]), $1)
        }
        return order.prefix(options.count).map { rollouts[$0] }
    }

    // MARK: What is told of the tokens

    private func encoding(of choice: DrawnChoice) -> Encoding {
        encodings[choice.index / options.count]
    }

    private func addPrompts(to choices: inout [DrawnChoice]) async throws(HoneError) {
        var logprobs: [[Float?]] = encodings.map { $0.promptTokens.map { _ in nil } }
        if alternatives != nil {
            logprobs = try await control.logprobs(
                model: model,
                items: encodings.map { LogprobItem(prompt: .tokens($0.promptTokens)) }
            ).map { $0.logprobs }
        }
        for place in choices.indices {
            let prompt = place / options.count
            choices[place].text = encodings[prompt].renderedPrompt + choices[place].text
            choices[place].tokens =
                zip(encodings[prompt].promptTokens, logprobs[prompt]).map {
                    DrawnChoice.Token(id: $0, text: "", logprob: $1)
                } + choices[place].tokens
        }
    }

    /// What might have come in the place of each token that has something before it.
    private func addAlternatives(
        _ count: Int,
        _ choices: inout [DrawnChoice]
    ) async throws(HoneError) {
        let starts = choices.map { echoes ? 1 : $0.promptTokens.count }
        let sequences = zip(choices, starts).map { choice, start in
            let all = choice.promptTokens + choice.completionTokens
            return TokenSequence(
                prompt: Array(all.prefix(start)),
                completion: Array(all.dropFirst(start))
            )
        }
        let found = try await control.alternatives(model: model, sequences: sequences, count: count)
        let names = try await self.names(of: found.joined().joined().map(\.token))
        for place in choices.indices {
            let first = choices[place].tokens.count - found[place].count
            for (offset, list) in found[place].enumerated() where first + offset >= 0 {
                choices[place].tokens[first + offset].alternatives = list.map {
                    .init(id: $0.token, text: names[$0.token] ?? "", logprob: $0.logprob)
                }
            }
        }
    }

    /// The text of each token alone; U+FFFD where it is a part of a character.
    func names(of tokens: [Int32]) async throws(HoneError) -> [Int32: String] {
        let ids = Set(tokens).sorted()
        guard !ids.isEmpty else { return [:] }
        let texts = try await control.decode(model: model, sequences: ids.map { [$0] })
        return Dictionary(zip(ids, texts)) { first, _ in first }
    }

    /// The text of each token, where it begins, and the pieces that a stream sends.
    private func addTexts(to choices: inout [DrawnChoice]) async throws(HoneError) {
        let names = try await self.names(of: choices.flatMap { $0.tokens.map(\.id) })
        for place in choices.indices {
            for token in choices[place].tokens.indices {
                choices[place].tokens[token].text = names[choices[place].tokens[token].id] ?? ""
            }
        }
        let runs = choices.map { TextPieces.runs($0.tokens.map(\.text)) }
        let sequences = zip(choices, runs).flatMap { choice, runs in
            runs.map { choice.tokens[$0].map(\.id) }
        }
        var whole = try await control.decode(model: model, sequences: sequences)[...]
        for place in choices.indices {
            let own = Array(whole.prefix(runs[place].count))
            whole = whole.dropFirst(own.count)
            let pieces = TextPieces.pieces(runs[place], texts: own, of: choices[place].text)
            choices[place].pieces = pieces
            var offset = 0
            for piece in pieces {
                for token in piece.tokens { choices[place].tokens[token].offset = offset }
                offset += piece.text.unicodeScalars.count
            }
        }
    }
}
