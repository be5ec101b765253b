import Domain
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct MixTests {
    /// Six pairs an iteration in minibatches of four.
    static func pairs(_ bench: Bench) -> RunSpec {
        var spec = bench.online()
        spec.groupSize = 6
        spec.evaluation = nil
        spec.promptsPerIteration = 6
        spec.prompts = .items((0..<12).map { .string("prompt \($0)") })
        spec.minibatchSize = 4
        return spec
    }

    /// Three pairs of a file.
    static let file = DataSource.items(
        (0..<3).map {
            [
                "prompt": .string("data \($0)"), "chosen": .string("good \($0)"),
                "rejected": .string("bad \($0)"), "margin": .integer($0),
            ]
        }
    )

    /// Sampled tokens are below 64, letters are not.
    private func isOfFile(_ update: WorkerRequest.Update, _ place: Int) -> Bool {
        let sequence = update.sequences[place]
        return update.groups[sequence.group].completions[sequence.completion].elements
            .contains { $0 > 63 }
    }

    @Test func `each minibatch has its share of a file's pairs, in passes`() async throws {
        let bench = try await Bench()
        var spec = Self.pairs(bench)
        spec.mix = MixSpec()
        spec.mix?.offline = .init(data: Self.file, share: 0.25)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        #expect(updates.map(\.pairs.count) == [4, 4, 4, 4])
        var seen: [[Int32]] = []
        for update in updates {
            let places = update.pairs.map(\.chosen).filter { isOfFile(update, $0) }
            #expect(places.count == 1)
            let sequence = update.sequences[try #require(places.first)]
            #expect(sequence.policyVersion == nil)
            #expect(sequence.tokens["reference_logprobs"] != nil)
            seen.append(update.groups[sequence.group].promptTokens.elements)
        }
        #expect(Set(seen[..<3]).count == 3 && Set(seen[..<3]).contains(seen[3]))
        // Tokenised and seen by the reference once.
        #expect(bench.launcher.requests.count { $0 == "encode" } == 1)
        #expect(bench.launcher.requests.count { $0 == "logprobs" } == 1)
    }

    @Test func `an objective on advantages takes a file's groups beside its own`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.evaluation = nil
        spec.mix = MixSpec()
        let group: Value = ["prompt": "p", "completions": ["aa", "bb"], "rewards": [1, 0]]
        spec.mix?.offline = .init(data: .items([group]), share: 0.5)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        // Three groups in minibatches of one, each with one sequence of the file.
        #expect(updates.count == 6)
        for update in updates {
            let places = update.sequences.indices.filter { isOfFile(update, $0) }
            #expect(places.count == 1 && update.sequences.count == 7)
            let advantage = update.sequences[places[0]].tokens["advantages"]?.elements.first
            #expect(advantage.map { abs($0) > 0.5 } == true)
        }
    }

    @Test func `a share of earlier pairs is learned from again with their old numbers`()
        async throws
    {
        let bench = try await Bench()
        var spec = Self.pairs(bench)
        spec.iterations = 3
        spec.mix = MixSpec()
        spec.mix?.replay = .init(iterations: 1, share: 0.25)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        // While there is nothing to replay the iteration's own take its place.
        #expect(updates.map(\.pairs.count) == [4, 2, 4, 4, 4, 4])
        let plane = try await bench.plane()
        let stored = try await plane.rollouts(run: "one", purpose: .training, limit: .max).items
        for (step, update) in updates.enumerated() where step > 1 {
            let iteration = step / 2 + 1
            let old = update.sequences.filter {
                $0.policyVersion == 2 * (iteration - 2)
            }
            #expect(old.count == 2, "step \(step)")
            for sequence in old {
                let tokens = update.groups[sequence.group].completions[sequence.completion]
                let record = try #require(
                    stored.first {
                        $0.iteration == iteration - 1
                            && $0.rollout.completionTokens == tokens.elements
                    }
                )
                #expect(sequence.tokens["old_logprobs"]?.elements == record.rollout.logprobs)
            }
        }
        let metrics = try await plane.metrics("one").map(\.metrics)
        #expect(metrics.map { $0["rollout/replayed"] } == [0, 6, 6])
        // The last step of an iteration learns from what two policies before it have sampled.
        #expect(metrics.map { $0["rollout/staleness_max"] } == [1, 3, 3])
    }

    @Test func `everything so far is learned from anew, shuffled with the iteration's own`()
        async throws
    {
        let bench = try await Bench()
        var spec = Self.pairs(bench)
        spec.iterations = 3
        spec.mix = MixSpec()
        spec.mix?.replay = .init()
        spec.optimizer.schedule = .linear
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        // 6, 12 and 18 pairs: 2, 3 and 5 steps, over which the learning rate falls.
        #expect(updates.map(\.pairs.count) == [4, 2, 4, 4, 4, 4, 4, 4, 4, 2])
        let rates = updates.map(\.learningRate)
        #expect(rates == rates.sorted(by: >) && (rates.last ?? 0) > 0)
        let least = try await Bench()
        spec.mix?.replay?.minimumReward = 1000
        let (_, others) = try await least.updates(spec)
        #expect(others.map(\.pairs.count) == [4, 2, 4, 2, 4, 2])
    }

    @Test func `groups of earlier iterations keep the advantages they had`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.evaluation = nil
        spec.mix = MixSpec()
        spec.mix?.replay = .init(share: 0.5)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        #expect(updates.map(\.groups.count) == [2, 1, 2, 2, 2])
        func advantages(_ updates: ArraySlice<WorkerRequest.Update>) -> Set<[Float]> {
            Set(
                updates.flatMap { update in
                    update.groups.indices.map { group in
                        update.sequences.filter { $0.group == group }
                            .compactMap { $0.tokens["advantages"]?.elements.first }
                    }
                }
            )
        }
        #expect(advantages(updates[2...]).isSuperset(of: advantages(updates[..<2])))
    }

    // MARK: - The same bytes

    private static let variants: [@Sendable (Bench) -> RunSpec] = [
        { bench in
            var spec = pairs(bench)
            spec.prompts = .items(
                (0..<12).map {
                    ["prompt": .string("prompt \($0)"), "completion": "a longer answer"]
                }
            )
            spec.mix = MixSpec()
            spec.mix?.offline = .init(data: file, share: 0.25)
            spec.mix?.replay = .init(share: 0.25)
            spec.noise = NoiseSpec(flip: 0.3, bradleyTerry: 2, nearTies: 1)
            spec.curriculum = CurriculumSpec(order: .hardFirst, pairs: .easyFirst)
            spec.resets = ResetSpec(share: 0.5)
            spec.checkpointEvery = 2
            spec.iterations = 3
            return spec
        },
        { bench in
            var spec = bench.groups()
            spec.evaluation = nil
            spec.iterations = 3
            spec.prompts = .items(["a", "b", "c"])
            spec.mix = MixSpec()
            spec.mix?.successes = .init(size: 2, minimumReward: 8.5)
            let filter: Value = ["low": 4, "high": 100]
            spec.stages = StageSpec()
            spec.stages?.filters = [NamedParameters(name: "reward_range", parameters: filter)]
            spec.refill = RefillSpec(rounds: 2)
            return spec
        },
    ]

    @Test(arguments: variants.indices)
    func `a run with all of it killed at any unit ends in the same bytes`(
        variant: Int
    ) async throws {
        let whole = try await Bench()
        let first = whole.launcher.requests.count
        let run = try await whole.complete(Self.variants[variant](whole))
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let expected = try await Remains(of: "run-1", in: whole)
        let plans = whole.launcher.requests[first...].prefix { $0 == "plan" }.count
        for number in (first + plans)..<whole.launcher.requests.count {
            let bench = try await Bench()
            let plane = try await bench.plane()
            bench.launcher.interfere { moment, current, _ throws(HoneError) in
                if moment == .after && current == number { await plane.shutdown() }
            }
            _ = try await plane.submit(Self.variants[variant](bench))
            await plane.run()
            bench.launcher.interfere(with: nil)
            try await bench.drive(try await bench.plane(), until: "run-1")
            let remains = try await Remains(of: "run-1", in: bench)
            #expect(remains == expected, "killed after request \(number)")
        }
    }
}
