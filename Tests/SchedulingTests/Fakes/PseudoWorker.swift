import Domain
import Foundation
import Scheduling
import Synchronization
import WorkerProtocol

/// A stand-in for a model: its "weights" are one number that every optimizer step stirs by the
/// whole content of the step, so that two runs end in the same number only if they did the same.
final class PseudoWorker: WorkerPort {
    struct State {
        var weights: UInt64 = 0
        var base: UInt64 = 0
        var opened: UInt64 = 0
        var version = 0
        var isReward = false
        var isDead = false
    }

    let role: String
    private let launcher: PseudoLauncher
    private let state = Mutex(State())

    init(role: String, launcher: PseudoLauncher) {
        self.role = role
        self.launcher = launcher
    }

    func request(
        _ request: WorkerRequest,
        deadline: Duration
    ) async throws(HoneError) -> WorkerReply {
        try checkAlive()
        let number = launcher.count(request)
        do throws(HoneError) {
            try await launcher.interfere(.before, number, request)
            try checkAlive()
            let reply = try answer(request)
            try await launcher.interfere(.after, number, request)
            try checkAlive()
            return reply
        } catch {
            if error.code == .workerLost { state.withLock { $0.isDead = true } }
            throw error
        }
    }

    private func checkAlive() throws(HoneError) {
        if state.withLock({ $0.isDead }) { throw PseudoLauncher.lost }
    }

    var status: WorkerStatus {
        get async {
            WorkerStatus(
                role: role,
                processID: 1,
                state: state.withLock { $0.isDead ? .dead : .idle }
            )
        }
    }

    func shutdown() async { state.withLock { $0.isDead = true } }

    private func answer(_ request: WorkerRequest) throws(HoneError) -> WorkerReply {
        switch request {
        case .importModel(let order):
            try write(
                order.destination,
                weights: stir(0, (order.source as NSString).lastPathComponent)
            )
            return .imported(summary(isReward: order.source.contains("reward")))
        case .createModel(let order):
            try write(order.destination, weights: stir(order.model.seed, order.model.tokenizer))
            return .imported(summary(isReward: false))
        case .exportModel, .shutdown: return .done
        case .soup(let order):
            let parts = try order.folders.map { path throws(HoneError) in try read(path).weights }
            try write(order.destination, weights: stir(0, "\(parts) \(order.shares)"))
            return .done
        case .openPolicy(let order):
            let reply = try open(order.modelFolder, order.checkpointFolder, order.policyVersion)
            if let reference = try order.referenceFolder.map({ path throws(HoneError) in
                try read(path)
            }) {
                state.withLock { $0.base = reference.weights }
            }
            return reply
        case .openReward(let order):
            state.withLock { $0.isReward = true }
            return try open(order.modelFolder, order.checkpointFolder, 0)
        case .encode(let order): return .encoded(order.items.map(encoded))
        case .decode(let order):
            return .decoded(order.sequences.map { $0.elements.map(String.init).joined() })
        case .sample(let order): return .sampled(sampled(order))
        case .logprobs(let order):
            return .logprobs(
                order.groups.map { group in
                    group.completions.map { logprobs(group.promptTokens, $0, order.source) }
                }
            )
        case .measure(let order):
            return .measured(
                order.groups.map { group in
                    group.completions.map { measured(group.promptTokens, $0, order) }
                }
            )
        case .score(let order):
            let weights = state.withLock { $0.weights }
            return .scored(
                order.items.map {
                    .init(score: Double(stir(weights, $0.prompt + $0.completion) % 1000) / 100)
                }
            )
        case .compare(let order):
            let weights = state.withLock { $0.weights }
            return .compared(order.groups.map { compared($0, weights) })
        case .fitHead(let order):
            let lesson =
                order.items.map(\.completion).joined() + "\(order.chosen) \(order.probabilities)"
            // Held to what it was opened with, it does not depend on what it learned since.
            state.withLock {
                $0.weights = stir(order.priorPairs == nil ? $0.weights : $0.opened, lesson)
            }
            return .metrics(["head/loss": 0.5])
        case .update(let order): return try update(order)
        case .checkpoint(let order):
            let (weights, version) = state.withLock { ($0.weights, $0.version) }
            try write(order.destination, weights: weights, version: version)
            return .done
        case .snapshot(let order):
            let (weights, version) = state.withLock { ($0.weights, $0.version) }
            try write(order.destination, weights: weights, version: version)
            return .done
        case .plan:
            return .planned(
                .init(memoryBytes: 1 << 20, checkpointBytes: 1 << 10, trainableParameterCount: 10)
            )
        }
    }

    private func compared(
        _ group: [WorkerRequest.ScoreItem],
        _ weights: UInt64
    ) -> [Packed<Float>] {
        let scores = group.map { Float(stir(weights, $0.prompt + $0.completion) % 1000) / 1000 }
        return scores.map { score in Packed(scores.map { 0.5 + (score - $0) / 2 }) }
    }

    private func summary(isReward: Bool) -> WorkerReply.ModelSummary {
        .init(
            configuration: ModelConfiguration(
                vocabularySize: 64,
                hiddenSize: 8,
                intermediateSize: 16,
                layerCount: 2,
                headCount: 2,
                keyValueHeadCount: 1,
                contextLength: 256,
                tiesEmbeddings: true
            ),
            parameterCount: 1000,
            byteCount: 4000,
            isRewardModel: isReward,
            sourceType: "F32"
        )
    }

    private func open(
        _ folder: String,
        _ checkpoint: String?,
        _ version: Int
    ) throws(HoneError) -> WorkerReply {
        let base = try read(folder)
        let loaded = try checkpoint.map { path throws(HoneError) in try read(path) }
        state.withLock { state in
            state.base = base.weights
            state.weights = loaded?.weights ?? base.weights
            state.opened = state.weights
            state.version = loaded?.version ?? 0
        }
        let now = state.withLock { $0 }
        if !now.isReward && version != now.version {
            throw HoneError(.internalError, "opened version \(now.version) as \(version)")
        }
        return .opened(
            .init(
                model: summary(isReward: now.isReward),
                policyVersion: now.version,
                step: now.version
            )
        )
    }

    private func encoded(_ item: WorkerRequest.EncodeItem) -> WorkerReply.Encoded {
        if case .tokens(let tokens) = item.prompt {
            return .init(
                promptTokens: Packed(tokens),
                completionTokens: Packed([]),
                renderedPrompt: ""
            )
        }
        let text =
            switch item.prompt {
            case .text(let text): text
            case .messages(let list): list.map { "<\($0.role)>\($0.content)" }.joined()
            case .tokens: ""
            }
        let completion = item.completion ?? ""
        return .init(
            promptTokens: Packed(text.utf8.map { Int32($0) }),
            completionTokens: Packed(
                completion.utf8.map { Int32($0) } + (item.ends ? [0] : [])
            ),
            renderedPrompt: text
        )
    }

    private func sampled(_ order: WorkerRequest.Sample) -> [WorkerReply.SampledGroup] {
        let now = state.withLock { $0 }
        return zip(order.prompts, order.promptStreams).map { prompt, stream in
            let tokens = encoded(.init(prompt: prompt)).promptTokens
            let completions = (0..<order.groupSize).map { sample in
                let heat = order.sampling.temperatures.map { _ in
                    " \(order.sampling.temperature(ofSample: sample, among: order.groupSize))"
                }
                let place = "\(order.seed) \(stream) \(sample)\(heat ?? "")"
                let seed = stir(now.weights, place)
                let drawn = (0..<4).map { Int32((seed >> (8 * $0)) & 63) }
                return WorkerReply.SampledCompletion(
                    tokens: Packed(drawn),
                    text: drawn.map { String($0) }.joined(separator: " "),
                    logprobs: logprobs(tokens, Packed(drawn), .policy),
                    samplingLogprobs: logprobs(tokens, Packed(drawn), .policy),
                    referenceLogprobs: order.includesReference
                        ? logprobs(tokens, Packed(drawn), .reference) : Packed([]),
                    stopReason: sample % 2 == 0 ? .length : .endToken
                )
            }
            return .init(
                promptTokens: tokens,
                completions: completions,
                policyVersion: now.version
            )
        }
    }

    private func logprobs(
        _ prompt: Packed<Int32>,
        _ completion: Packed<Int32>,
        _ source: WorkerRequest.Logprobs.Source
    ) -> Packed<Float> {
        let weights = state.withLock { source == .reference ? $0.base : $0.weights }
        return Packed(
            completion.elements.indices.map { place in
                let text = "\(prompt.elements) \(completion.elements[...place])"
                return -Float(stir(weights, text) % 1000) / 1000
            }
        )
    }

    private func measured(
        _ prompt: Packed<Int32>,
        _ completion: Packed<Int32>,
        _ order: WorkerRequest.Measure
    ) -> WorkerReply.TokenFigures {
        let logprobs = logprobs(prompt, completion, .policy).elements
        return .init(
            entropies: Packed(logprobs.map { -$0 }),
            topMasses: Packed(logprobs.map { 1 + $0 / 2 }),
            divergences: Packed(order.comparesReference ? logprobs.map { -$0 / 4 } : [])
        )
    }

    private func update(_ order: WorkerRequest.Update) throws(HoneError) -> WorkerReply {
        let version = state.withLock { $0.version }
        guard order.expectedPolicyVersion == version else {
            throw HoneError(.staleVersion, "at \(version), not \(order.expectedPolicyVersion)")
        }
        let content =
            order.groups.map { "\($0.promptTokens.elements)\($0.completions.map(\.elements))" }
            + order.sequences.map { sequence in
                let tokens = sequence.tokens.sorted { $0.key < $1.key }
                let scalars = sequence.scalars.sorted { $0.key < $1.key }
                return "\(sequence.group) \(sequence.completion) \(scalars) \(sequence.weight) "
                    + "\(tokens.map { "\($0.key) \($0.value.elements)" }) "
                    + String(describing: sequence.label)
            }
            + order.pairs.map { "\($0)" }
            + ["\(order.learningRate) \(order.objective.name) \(written(order.objective))"]
            + (order.movesValuesOnly ? ["values only"] : [])
            + (order.valueLearningRate.map { ["\($0)"] } ?? [])
        let step = state.withLock { state in
            state.weights = stir(state.weights, content.joined(separator: "|"))
            state.version += 1
            return state.version
        }
        return .updated(
            .init(
                policyVersion: step,
                step: step,
                metrics: ["policy/loss": launcher.loss(step), "parity/logprob_abs_diff_max": 0.001]
            )
        )
    }

    /// Parameters in one order.
    private func written(_ objective: NamedParameters) -> String {
        "\((objective.parameters.objectValue ?? [:]).sorted { $0.key < $1.key })"
    }

    // MARK: - Weights on disk

    private func write(
        _ folder: String,
        weights: UInt64,
        version: Int = 0
    ) throws(HoneError) {
        do {
            let files = FileManager.default
            if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("\(weights) \(version)".utf8)
                .write(to: URL(fileURLWithPath: folder + "/weights"))
        } catch { throw HoneError(.internalError, "cannot write \(folder): \(error)") }
    }

    private func read(_ folder: String) throws(HoneError) -> (weights: UInt64, version: Int) {
        guard let text = try? String(contentsOfFile: folder + "/weights", encoding: .utf8),
            let space = text.firstIndex(of: " "), let weights = UInt64(text[..<space]),
            let version = Int(text[text.index(after: space)...])
        else { throw HoneError(.invalidModelFile, "\(folder) holds no weights") }
        return (weights, version)
    }
}

/// FNV-1a over the text, from `seed`.
func stir(_ seed: UInt64, _ text: String) -> UInt64 {
    var hash = seed ^ 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ (hash >> 29)
}
