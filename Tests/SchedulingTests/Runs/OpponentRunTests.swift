import Domain
import Objectives
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

/// Runs whose completions are compared with an opponent's.
struct OpponentRunTests {
    private func spec(_ bench: Bench, _ objective: String, count: Int = 2) -> RunSpec {
        var spec = bench.groups()
        spec.objective = NamedParameters(name: objective)
        spec.opponent = OpponentSpec(mixture: 0.125, count: count)
        return spec
    }

    @Test func `win rates are against the opponent, which is not learned from`() async throws {
        let bench = try await Bench()
        let (run, updates) = try await bench.updates(spec(bench, "nash_md"))
        #expect(run.state == .succeeded)
        let rollouts = try await bench.trained(1)
        #expect(Set(rollouts.map(\.sampleIndex)) == Set(0..<8))
        #expect(rollouts.allSatisfy { $0.reward != nil })
        #expect(rollouts.allSatisfy { $0.rollout.referenceLogprobs.count == 4 })
        let learned = updates.prefix(2).flatMap(\.sequences)
        #expect(learned.count == 18)
        for update in updates.prefix(2) {
            for sequence in update.sequences {
                let tokens = update.groups[sequence.group].completions[sequence.completion].elements
                let record = try #require(
                    rollouts.first {
                        $0.rollout.completionTokens == tokens
                            && $0.reward == sequence.scalars["reward"]
                    }
                )
                #expect(record.sampleIndex < 6)
                let rewards = rollouts.filter {
                    $0.promptIndex == record.promptIndex && $0.sampleIndex >= 6
                }.compactMap(\.reward)
                let reward = try #require(record.reward)
                let expected = (sigmoid(reward - rewards[0]) + sigmoid(reward - rewards[1])) / 2
                let found = try #require(sequence.scalars["win_rate"])
                #expect(abs(found - expected) < 1e-12)
            }
        }
    }

    @Test func `its completions are drawn from the mixture with a seed of their own`() async throws
    {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let draws = Draws()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .sample(let order) = request, moment == .before { await draws.add(order) }
        }
        guard case .created(let run) = try await plane.submit(spec(bench, "nash_md")) else {
            throw HoneError(.invalidSpec, "not created")
        }
        try await bench.drive(plane, until: run.id)
        let mixed = await draws.list.filter { $0.mixture > 0 }
        #expect(mixed.count == 2)
        #expect(mixed.allSatisfy { $0.mixture == 0.125 && $0.groupSize == 2 && $0.seed != 0 })
        let metrics = try #require(try await bench.plane().metrics("one").last?.metrics)
        let rate = try #require(metrics["opponent/win_rate"])
        #expect((0...1).contains(rate) && metrics["opponent/reward_mean"] != nil)
    }

    @Test func `the policy's completions alone are drawn at several temperatures`() async throws {
        let draws = Draws()
        for isStaged in [false, true] {
            let bench = try await Bench()
            bench.launcher.interfere { moment, _, request throws(HoneError) in
                if case .sample(let order) = request, moment == .before { await draws.add(order) }
            }
            var spec = isStaged ? bench.staged() : spec(bench, "nash_md")
            spec.sampling.temperatures = [1, 0.7]
            #expect(try await bench.complete(spec).state == .succeeded)
        }
        let list = await draws.list
        let dealt = list.filter { $0.sampling.temperatures == [1, 0.7] }
        // Two iterations of the one and three of the other.
        #expect(dealt.count == 5)
        #expect(dealt.allSatisfy { $0.groupSize == 6 && $0.mixture == 0 && $0.seed == 0 })
        let others = list.filter { $0.sampling.temperatures == nil }
        // The greedy completions; the opponent's and the held-out ones, at the first temperature.
        #expect(others.filter { $0.sampling.temperature == 0 }.count == 3)
        #expect(others.allSatisfy { [0, 1].contains($0.sampling.temperature) })
        #expect(others.filter { $0.mixture > 0 }.count == 2)
        #expect(others.contains { $0.mixture == 0 && $0.seed != 0 })
    }

    private actor Draws {
        var list: [WorkerRequest.Sample] = []
        func add(_ order: WorkerRequest.Sample) { list.append(order) }
    }

    /// The tokens of each pair's chosen, rejected and third completion.
    private static func triples(_ updates: some Sequence<WorkerRequest.Update>) -> [[[Int32]]] {
        updates.flatMap { update in
            update.pairs.map { pair in
                [pair.chosen, pair.rejected, pair.third ?? -1].map { index in
                    let sequence = update.sequences[index]
                    return update.groups[sequence.group].completions[sequence.completion].elements
                }
            }
        }
    }

    @Test func `exploration samples are the opponent's`() async throws {
        let bench = try await Bench()
        var spec = spec(bench, "xpo", count: 1)
        spec.opponent?.mixture = 1
        spec.groupSize = 2
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded)
        let rollouts = try await bench.trained(1)
        let opposing = rollouts.filter { $0.sampleIndex == 2 }.map(\.rollout.completionTokens)
        let pairs = Self.triples(updates.prefix(2))
        try #require(!pairs.isEmpty)
        for pair in pairs {
            #expect(opposing.contains(pair[2]))
            #expect(!opposing.contains(pair[0]) && !opposing.contains(pair[1]))
        }
    }

    @Test func `pairs may be of one of the policy's and one of the opponent's`() async throws {
        let bench = try await Bench()
        var spec = spec(bench, "xpo", count: 1)
        spec.groupSize = 1
        spec.pairing.rule = NamedParameters(name: "policy_opponent")
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded)
        let rollouts = try await bench.trained(1)
        let opposing = rollouts.filter { $0.sampleIndex == 1 }.map(\.rollout.completionTokens)
        let pairs = Self.triples(updates.prefix(2))
        try #require(!pairs.isEmpty)
        // The third is the pair's own reference sample, as in XPO.
        for pair in pairs {
            #expect(pair.prefix(2).count(where: opposing.contains) == 1)
            #expect(opposing.contains(pair[2]) && pair.prefix(2).contains(pair[2]))
        }
    }

    @Test func `what an opponent cannot be is named`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var previous = spec(bench, "nash_md")
        previous.reference = .previousIteration
        let report = try await plane.validate(previous)
        #expect(report.faults.map(\.path) == ["$.opponent.mixture"])
        let unread = try await plane.validate(spec(bench, "grpo"))
        #expect(unread.faults.map(\.path) == ["$.opponent"])
        var lone = spec(bench, "nash_md")
        lone.groupSize = 1
        #expect(try await plane.validate(lone).faults.isEmpty)
    }

    @Test func `a lone completion is learned from beside an opponent`() async throws {
        let bench = try await Bench()
        var lone = spec(bench, "nash_md")
        lone.groupSize = 1
        let (run, updates) = try await bench.updates(lone)
        #expect(run.state == .succeeded)
        #expect(updates.map(\.sequences.count) == [2, 1, 2, 1])
    }

    @Test func `a group whose opponent has no score teaches no win rate`() {
        let scores = GroupScores([1, 2], opponents: [])
        let needs = DataRequirements(.sequences, [.winRate])
        #expect(!scores.hasWinRates && scores.scalars(0, needs) == [.reward: 1])
        #expect(GroupScores([1, 1]).winRate(0) == 0.5)
        #expect(GroupScores([1], opponents: [1]).winRate(0) == 0.5)
    }
}
