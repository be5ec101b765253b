import Domain
import Kernels
import Objectives
import Synchronization
import Testing

@testable import Training

@Suite struct `Mismatched completions` {
    private func batch(_ prompts: [[Int32]], _ completions: [[Int32]]) -> TrainingBatch {
        TrainingBatch(
            groups: zip(prompts, completions).map { .init(prompt: $0, completions: [$1]) },
            sequences: prompts.indices.map {
                .init(group: $0, completion: 0, terms: SequenceTerms(logprobs: []))
            },
            pairs: []
        )
    }

    @Test func `are those of the next sequence with another prompt, each taken once`() throws {
        let (a, b, c): ([Int32], [Int32], [Int32]) = ([3], [4, 4], [5])
        let different = MismatchedCompletions(batch([a, b, c], [[7], [8], [9]]), context: 10)
        #expect(
            different.groups == [
                .init(prompt: a, completions: [[8]]), .init(prompt: b, completions: [[9]]),
                .init(prompt: c, completions: [[7]]),
            ]
        )
        // Two sequences of one prompt share the one completion of another; nobody has the empty
        // one.
        let same = MismatchedCompletions(batch([a, a, b, c], [[6], [7], [8], []]), context: 10)
        #expect(same.groups.map { $0.prompt } == [a, a, b, c])
        #expect(same.groups.map { $0.completions } == [[[8]], [[8]], [[6]], [[7]]])
        // Completions of one prompt share it.
        let golden = try GoldenUpdate.read("tiny-llama-tied").batch
        let shared = MismatchedCompletions(golden, context: 128)
        #expect(shared.groups == swapped(golden))
        #expect(MismatchedCompletions(batch([a, a], [[6], [7]]), context: 10).groups.isEmpty)
        #expect(MismatchedCompletions(batch([a], [[6]]), context: 10).groups.isEmpty)
    }

    @Test func `longer than the context lose their end`() throws {
        let golden = try GoldenUpdate.read("tiny-llama-tied").batch
        let cut = MismatchedCompletions(golden, context: 6).groups
        #expect(cut.map { $0.prompt } == golden.groups.map { $0.prompt })
        #expect(
            cut.map { $0.completions } == [[[88], [14, 91]], [[41, 2], [9, 63]]]
        )
        for context in [4, 3] {
            #expect(MismatchedCompletions(golden, context: context).groups.isEmpty)
        }
    }

    @Test func `of long groups are scored a pass at a time`() {
        let completion = Array(repeating: Int32(7), count: 300)
        let groups = [[Int32(3)], [4]].map {
            SequenceGroup(prompt: $0, completions: Array(repeating: completion, count: 5))
        }
        let members = (0..<10).map {
            TrainingBatch.Sequence(
                group: $0 / 5,
                completion: $0 % 5,
                terms: SequenceTerms(logprobs: [])
            )
        }
        let batch = TrainingBatch(groups: groups, sequences: members, pairs: [])
        let scored = MismatchedCompletions(batch, context: 512).groups
        #expect(scored.map { $0.completions.count } == [3, 2, 3, 2])
        #expect(scored.allSatisfy { $0.tokenCount <= SequenceScorer.passTokens })
    }

    /// The golden batch's prompts, each with the completions of the other.
    private func swapped(_ batch: TrainingBatch) -> [SequenceGroup] {
        [0, 1].map {
            .init(prompt: batch.groups[$0].prompt, completions: batch.groups[1 - $0].completions)
        }
    }

    /// The log-ratios of the golden batch's sequences, from the scorers.
    private func ratios(_ session: PolicySession, _ batch: TrainingBatch) throws -> [Double] {
        let groups = swapped(batch)
        let policy = try session.scorer.logprobs(groups).flatMap { $0 }
        let reference = try session.reference.logprobs(groups).flatMap { $0 }
        return policy.indices.map { index in
            // Whose completion it is.
            let mask = batch.sequences[(index + 2) % 4].terms.mask
            return policy[index].indices.reduce(0) {
                let difference = Double(policy[index][$1]) - Double(reference[index][$1])
                return $0 + difference * (mask?[$1] ?? 1)
            }
        }
    }

    /// The log-ratios that an objective sees, by sequence.
    private func seen(_ session: PolicySession, _ batch: TrainingBatch) throws -> [Double?] {
        let box = Mutex<[SequenceTerms]>([])
        var objective = FieldObjective([.entropies], mismatched: true)
        let record: @Sendable ([SequenceTerms]) -> Void = { terms in
            box.withLock { $0 += terms }
        }
        objective.observe = record
        session.beginLearning(objective.requirements)
        _ = try session.learner?.update(batch, objective: objective, learningRate: 0)
        return box.withLock { $0.map { $0[scalar: .mismatchedLogRatio] } }
    }

    /// Whole, and by groups with recomputation.
    private static let budgets = [64 << 20, 1]

    @Test(arguments: [TrainableSpec.all, .lora(rank: 2, alpha: 4)], budgets)
    func `have the log-ratio that the scorers say`(trainable: TrainableSpec, budget: Int) throws {
        let policies = try ComparedPolicies()
        var batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let plan = TinyModel.plan(trainable, activationMemoryBytes: budget)
        let session = try policies.session(plan)
        let learner = try #require(session.learner)
        // Adapters say something after a step only.
        _ = try learner.update(batch, objective: objective("dpo"), learningRate: 0.01)
        batch.sequences[1].terms.mask = [1, 0, 1, 1, 0, 1, 1, 1]
        let (expected, seen) = (try ratios(session, batch), try seen(session, batch))
        #expect(seen.count == 4)
        for (seen, expected) in zip(seen, expected) {
            #expect(abs(expected) > 0.01)
            // The same float32 log-probabilities, summed in float64.
            #expect(abs((seen ?? .nan) - expected) < 1e-6)
        }
        // What KTO makes of them.
        let mean = max(0, expected.reduce(0, +) / 4)
        func loss(_ parameters: [String: Value]) throws -> Double {
            try learner.update(batch, objective: objective("kto", parameters), learningRate: 0)[
                "policy/loss"
            ] ?? .nan
        }
        #expect(abs(try loss([:]) - loss(["kl_baseline": .number(mean)])) < 1e-7)
    }

    /// What `_compute_loss` of TRL 1.16's KTOTrainer says with beta 0.1 and an undesirable weight of
    /// 1.2, of the tiny model with tied embeddings and of the untied one as its reference.
    ///
    /// The first two batches are one sequence of each prompt, the first of them desirable: TRL's
    /// mismatched completions are ours. The baseline is 2.2017, then below 0. For the third, with a
    /// baseline of 0.9955, TRL was given ours.
    private static let published: [(sequences: [Int], labels: [Bool], loss: Double)] = [
        ([0, 3], [true, false], 0.503813), ([1, 3], [true, false], 0.555391),
        ([0, 1, 2, 3], [true, false, true, false], 0.510277),
    ]

    @Test(arguments: published)
    func `give KTO the loss that TRL computes`(
        example: (sequences: [Int], labels: [Bool], loss: Double)
    ) throws {
        let session = try ComparedPolicies().session(TinyModel.plan(.all))
        var batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let reference = try session.reference.logprobs(batch.groups).flatMap { $0 }
        batch.sequences = zip(example.sequences, example.labels).map { index, label in
            var sequence = batch.sequences[index]
            sequence.terms.label = label
            sequence.terms.referenceLogprobs = reference[index].map { Double($0) }
            return sequence
        }
        let metrics = try session.learner?.update(
            batch,
            objective: objective("kto", ["undesirable_weight": 1.2]),
            learningRate: 0
        )
        #expect(abs((metrics?["policy/loss"] ?? .nan) - example.loss) < 1e-6)
    }

    @Test func `are not asked for where the data has the log-ratio or one prompt`() throws {
        let policies = try ComparedPolicies()
        let session = try policies.session(TinyModel.plan(.all))
        var batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let computed = try seen(session, batch)
        batch.sequences[2].terms[scalar: .mismatchedLogRatio] = 0.25
        let given = try seen(session, batch)
        #expect(given[2] == 0.25)
        #expect(given[0] == computed[0] && given[1] == computed[1])
        // The first completion is there for the last sequence now.
        #expect(given[3] != nil && given[3] != computed[3])
        batch.groups[1].prompt = batch.groups[0].prompt
        batch.sequences[2].terms[scalar: .mismatchedLogRatio] = nil
        #expect(try seen(session, batch) == [nil, nil, nil, nil])
        let losses = try ["mismatched", "own"].map { baseline in
            try session.learner?.update(
                batch,
                objective: objective("kto", ["baseline": .string(baseline)]),
                learningRate: 0
            )["policy/loss"]
        }
        #expect(losses[0] != nil && losses[0] == losses[1])
    }

    @Test func `without a prompt are predicted from their second token on`() throws {
        let policies = try ComparedPolicies()
        let session = try policies.session(TinyModel.plan(.all))
        var batch = batch([[], [5, 6]], [[7, 8, 9], [10, 11, 12]])
        // The text without a prompt has no say on its first token.
        batch.sequences[0].terms.mask = [0, 1]
        batch.sequences[1].terms.mask = [1, 0, 1]
        let groups = [
            SequenceGroup(prompt: [], completions: [[10, 11, 12]]),
            SequenceGroup(prompt: [5, 6], completions: [[7, 8, 9]]),
        ]
        let policy = try session.scorer.logprobs(groups).map { $0[0] }
        let reference = try session.reference.logprobs(groups).map { $0[0] }
        #expect(policy.map { $0.count } == [2, 3])
        let seen = try seen(session, batch)
        for index in 0..<2 {
            // Only the last token counts in both.
            let last = policy[index].count - 1
            let expected = Double(policy[index][last]) - Double(reference[index][last])
            #expect(abs((seen[index] ?? .nan) - expected) < 1e-6)
        }
    }
}
