import Domain
import Foundation
import Kernels
import Objectives
import Training

/// One measured figure.
struct Measurement: Codable {
    var name: String
    var tokensPerSecond: Double
    var seconds: Double
}

/// Measures sampling, scoring and training of one model on this machine.
struct Benchmark {
    let folder: String
    let backend: CPUBackend
    let repetitions: Int
    let promptTokens: Int
    let newTokens: Int

    func run() throws -> [Measurement] {
        let plan = TrainingPlan(
            trainable: .all,
            optimizer: OptimizerSpec(),
            activationMemoryBytes: 4 << 30,
            seed: 0
        )
        let session = try PolicySession(
            modelFolder: folder,
            checkpointFolder: nil,
            training: plan,
            referenceFolder: nil,
            policyVersion: 0,
            backend: backend
        )
        var results: [Measurement] = [try prefill(session)]
        for batch in [1, 8, 32, 64] { results.append(try decode(session, batch: batch)) }
        results.append(try logprobs(session))
        results.append(try train(session))
        return results
    }

    private func prompt(_ seed: Int) -> [Int32] {
        // Any tokens do: the work does not depend on which.
        (0..<promptTokens).map { Int32(1000 + (seed * 131 + $0 * 17) % 20000) }
    }

    private func request(prompts: Int, group: Int, tokens: Int) -> SampleRequest {
        SampleRequest(
            prompts: (0..<prompts).map(prompt),
            streams: Array(0..<prompts),
            groupSize: group,
            parameters: SamplingParameters(maxTokens: tokens),
            seed: 1
        )
    }

    private func prefill(_ session: PolicySession) throws -> Measurement {
        let request = request(prompts: 4, group: 1, tokens: 1)
        return try measure("prefill", tokens: 4 * promptTokens) {
            _ = try session.sampler.sample(request)
        }
    }

    private func decode(_ session: PolicySession, batch: Int) throws -> Measurement {
        let request = request(prompts: 1, group: batch, tokens: newTokens)
        return try measure("decode batch \(batch)") {
            try session.sampler.sample(request)[0].reduce(0) { $0 + $1.tokens.count }
        }
    }

    private func logprobs(_ session: PolicySession) throws -> Measurement {
        let groups = self.groups(8)
        return try measure("log-probabilities", tokens: groups.reduce(0) { $0 + $1.tokenCount }) {
            _ = try session.scorer.logprobs(groups)
        }
    }

    private func groups(_ count: Int) -> [SequenceGroup] {
        (0..<count).map {
            SequenceGroup(prompt: prompt($0), completions: [prompt($0 + 50), prompt($0 + 90)])
        }
    }

    private func train(_ session: PolicySession) throws -> Measurement {
        guard let learner = session.learner else { preconditionFailure("opened for training") }
        let objective = try ObjectiveCatalogue.make(
            name: "dpo",
            parameters: .object([:]),
            path: "$"
        )
        let groups = groups(4)
        let reference = try session.reference.logprobs(groups)
        var sequences: [TrainingBatch.Sequence] = []
        for group in groups.indices {
            for completion in 0..<2 {
                var terms = SequenceTerms(logprobs: [])
                terms.referenceLogprobs = reference[group][completion].map { Double($0) }
                sequences.append(.init(group: group, completion: completion, terms: terms))
            }
        }
        let pairs = groups.indices.map { TrainingBatch.Pair(chosen: 2 * $0, rejected: 2 * $0 + 1) }
        let batch = TrainingBatch(groups: groups, sequences: sequences, pairs: pairs)
        // Counted as the peer would: every sequence with its own prompt.
        let tokens = groups.count * 2 * 2 * promptTokens
        return try measure("DPO step, stored reference", tokens: tokens) {
            _ = try learner.update(batch, objective: objective, learningRate: 1e-7)
        }
    }

    private func measure(
        _ name: String,
        tokens: Int,
        _ work: () throws -> Void
    ) throws -> Measurement {
        try measure(name) {
            try work()
            return tokens
        }
    }

    /// Median over the repetitions, one unmeasured run first.
    private func measure(_ name: String, _ work: () throws -> Int) throws -> Measurement {
        _ = try work()
        var samples: [(seconds: Double, tokens: Int)] = []
        for _ in 0..<repetitions {
            let clock = ContinuousClock()
            let start = clock.now
            let tokens = try work()
            let elapsed = clock.now - start
            samples.append((elapsed / .seconds(1), tokens))
        }
        samples.sort { $0.seconds < $1.seconds }
        let middle = samples[samples.count / 2]
        return Measurement(
            name: name,
            tokensPerSecond: Double(middle.tokens) / middle.seconds,
            seconds: middle.seconds
        )
    }
}
