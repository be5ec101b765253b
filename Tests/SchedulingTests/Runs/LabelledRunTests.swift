import Domain
import Foundation
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// Runs that people judge: a simulated one prefers the text with the most low digits, and stands still
/// at ties.
struct LabelledRunTests {
    private static func spec(
        _ bench: Bench,
        _ mode: FeedbackSpec.Mode,
        _ objective: String = "dpo"
    ) -> RunSpec {
        var spec = bench.groups("labelled")
        spec.objective = NamedParameters(name: objective)
        spec.evaluation = nil
        if mode == .human { spec.reward = nil }
        spec.feedback = FeedbackSpec(mode: mode, waitSeconds: 600)
        return spec
    }

    private static func worth(_ text: String) -> Int { text.filter { "01234".contains($0) }.count }

    private static func choice(_ lease: AnnotationLease) -> Verdict.Choice {
        let (first, second) = (worth(lease.first.text), worth(lease.second.text))
        return first == second ? .tie : first > second ? .first : .second
    }

    /// Answers whatever is asked until it is cancelled.
    private static func annotator(
        _ plane: ControlPlane,
        _ name: String = "ada"
    ) -> Task<Void, Never> {
        Task {
            while !Task.isCancelled {
                let leases =
                    (try? await plane.feedback.lease(
                        run: nil,
                        annotator: name,
                        count: 3,
                        seconds: 60
                    )) ?? []
                for lease in leases {
                    _ = try? await plane.feedback.store.answer(
                        lease: lease.id,
                        choice: choice(lease),
                        strength: nil,
                        rationale: nil,
                        seconds: nil
                    )
                }
                if leases.isEmpty { try? await Task.sleep(for: .milliseconds(5)) }
            }
        }
    }

    private static func complete(_ bench: Bench, _ spec: RunSpec) async throws -> RunRecord {
        let plane = try await bench.plane()
        _ = try await plane.submit(spec)
        let person = annotator(plane)
        defer { person.cancel() }
        return try await bench.drive(plane, until: "run-1")
    }

    @Test func `with people alone, the pairs are theirs and no reward is asked`() async throws {
        let bench = try await Bench()
        let run = try await Self.complete(bench, Self.spec(bench, .human))
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let pairs = try await store.pairs(run: run.id, limit: .max).items
        #expect(!pairs.isEmpty)
        for pair in pairs {
            let chosen = try #require(try await store.rollout(pair.chosen))
            let rejected = try #require(try await store.rollout(pair.rejected))
            #expect(Self.worth(chosen.rollout.text) > Self.worth(rejected.rollout.text))
            #expect(chosen.scores.isEmpty)
        }
        #expect(!bench.launcher.requests.contains("score"))
        // Three comparisons an iteration, one for each prompt, and every one of them was used once.
        let uses = try await store.feedbackUses(run: run.id)
        #expect(uses.mapValues(\.count) == [1: 3, 2: 3])
    }

    @Test func `objectives on groups learn from win rates; what nobody judged is unscored`()
        async throws
    {
        let bench = try await Bench()
        var spec = Self.spec(bench, .human, "grpo")
        spec.feedback?.labelBudget = 20
        let run = try await Self.complete(bench, spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let metrics = try await store.iterations(run: run.id).last?.metrics
        let mean = try #require(metrics?["reward/mean"])
        // Every comparison gives one win, or two halves.
        #expect(abs(mean - 0.5) < 0.2)
    }

    @Test func `beside a reward, people are asked what it is least sure of`() async throws {
        let bench = try await Bench()
        var spec = Self.spec(bench, .mixed)
        spec.feedback?.labelBudget = 2
        spec.feedback?.randomShare = 0
        spec.feedback?.information.policy = 0
        spec.feedback?.information.novelty = 0
        let run = try await Self.complete(bench, spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let used = try await store.feedbackUsed(run: run.id, iteration: 1)
        #expect(used.count == 2)
        let rollouts = try await store.rollouts(run: run.id, iteration: 1, limit: .max).items
        let groups = Dictionary(grouping: rollouts, by: \.promptIndex)
        func gap(_ ids: [Int]) -> Double {
            let scores = ids.compactMap { id in rollouts.first { $0.id == id }?.reward }
            return abs(scores[0] - scores[1])
        }
        for record in used {
            let ids = record.content.subjects.compactMap(\.rollout)
            let group = groups.values.first { $0.contains { $0.id == ids[0] } } ?? []
            let gaps = group.indices.flatMap { one in
                group.indices.filter {
                    $0 > one && group[$0].rollout.text != group[one].rollout.text
                }
                .map { gap([group[one].id, group[$0].id]) }
            }
            #expect(gap(ids) == gaps.min())
        }
        // People's pairs stand where there are some, the reward's where there are none.
        let pairs = try await store.pairs(run: run.id, iteration: 1, limit: .max).items
        let decided = used.count { $0.content.verdict.choice != .tie }
        #expect(pairs.count == 3)
        #expect(
            pairs.count { pair in
                used.contains { record in
                    Set(record.content.subjects.compactMap(\.rollout)) == [
                        pair.chosen, pair.rejected,
                    ]
                }
            } >= decided
        )
    }

    @Test func `when the time is over the run goes on, and late verdicts are the next iteration's`()
        async throws
    {
        let bench = try await Bench()
        var spec = Self.spec(bench, .mixed)
        spec.feedback?.waitSeconds = 0
        spec.iterations = 3
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            // Between the iterations somebody answers what the first one asked.
            guard moment == .before, case .update = request else { return }
            try await Self.judgeLate(plane.feedback.store)
        }
        _ = try await plane.submit(spec)
        let run = try await bench.drive(plane, until: "run-1")
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let uses = try await store.feedbackUses(run: run.id)
        #expect(uses.keys.sorted() == [2] && uses[2]?.count == 1)
        let metrics = try await store.iterations(run: run.id)
        #expect(metrics.first { $0.iteration == 2 }?.metrics["rollout/late_pairs"] == 1)
        #expect(metrics.first { $0.iteration == 3 }?.metrics["rollout/late_pairs"] == nil)
    }

    @Test func `late verdicts teach objectives on groups, too`() async throws {
        let bench = try await Bench()
        var spec = Self.spec(bench, .mixed, "grpo")
        spec.feedback?.waitSeconds = 0
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard moment == .before, case .update = request else { return }
            try await Self.judgeLate(plane.feedback.store)
        }
        _ = try await plane.submit(spec)
        let run = try await bench.drive(plane, until: "run-1")
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let metrics = try await store.iterations(run: run.id)
        #expect(metrics.first { $0.iteration == 1 }?.metrics["rollout/late_groups"] == nil)
        #expect(metrics.first { $0.iteration == 2 }?.metrics["rollout/late_groups"] == 1)
    }

    /// Somebody prefers one of the first iteration's completions; again it changes nothing.
    private static func judgeLate(_ store: DataStore) async throws(HoneError) {
        let drawn = try await store.rollouts(run: "run-1", iteration: 1, limit: 9).items
        guard let first = drawn.first,
            let other = drawn.first(where: {
                $0.promptIndex == first.promptIndex && $0.rollout.text != first.rollout.text
            })
        else { return }
        var new = NewFeedback(
            Verdict(kind: .pairwise, value: "first"),
            subjects: [.init(rollout: first.id, text: ""), .init(rollout: other.id, text: "")]
        )
        (new.source, new.externalID) = ("test", "1")
        _ = try await store.insertFeedback([new])
    }

    @Test func `between iterations the reward model learns what people said, from where it began`()
        async throws
    {
        let bench = try await Bench()
        var spec = Self.spec(bench, .mixed)
        spec.iterations = 3
        let fits = Mutex<[WorkerRequest.FitHead]>([])
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard moment == .before, case .fitHead(let fit) = request else { return }
            fits.withLock { $0.append(fit) }
        }
        let run = try await Self.complete(bench, spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let sizes = fits.withLock { $0.map(\.chosen.count) }
        // Before the second and third iteration, and what is published; each learns all there is.
        #expect(sizes.count == 3 && sizes == sizes.sorted() && sizes[0] > 0)
        #expect(fits.withLock { $0.allSatisfy { $0.priorPairs == 32 } })
        #expect(fits.withLock { $0.allSatisfy { $0.probabilities.allSatisfy { $0 == 0.8 } } })
        let store = try DataStore(folder: "\(bench.folder)/data")
        let published = try #require(try await store.model("labelled-reward"))
        #expect(published.isRewardModel && published.runID == run.id)
        let metrics = try await store.iterations(run: run.id).first { $0.iteration == 2 }?.metrics
        #expect(metrics?["feedback/pairs"] != nil)
        #expect(metrics?["feedback/reward_agreement"].map { (0...1).contains($0) } == true)
    }

    @Test func `a reward model stays as it is when it shall`() async throws {
        let bench = try await Bench()
        var spec = Self.spec(bench, .mixed)
        spec.feedback?.retrainsReward = false
        let run = try await Self.complete(bench, spec)
        #expect(run.state == .succeeded)
        #expect(!bench.launcher.requests.contains("fitHead"))
        let store = try DataStore(folder: "\(bench.folder)/data")
        #expect(try await store.model("labelled-reward") == nil)
    }

    @Test func `a run that must have its labels fails without them and can be resumed`()
        async throws
    {
        let bench = try await Bench()
        var spec = Self.spec(bench, .human)
        spec.feedback?.waitSeconds = 0
        spec.feedback?.onDeadline = .fail
        let plane = try await bench.plane()
        _ = try await plane.submit(spec)
        let run = try await bench.drive(plane, until: "run-1")
        #expect(run.state == .failed && run.error?.code == .conflict)
        #expect(run.error?.param == "$.feedback.wait_seconds")
    }

    @Test(arguments: [FeedbackSpec.Mode.human, .mixed])
    func `killed at any request, it ends in the same bytes with the same verdicts`(
        _ mode: FeedbackSpec.Mode
    ) async throws {
        let bench = try await Bench()
        let first = bench.launcher.requests.count
        _ = try await Self.complete(bench, Self.spec(bench, mode))
        let expected = try await Remains(of: "run-1", in: bench)
        let plans = bench.launcher.requests[first...].prefix { $0 == "plan" }.count
        for number in first + plans..<bench.launcher.requests.count {
            let bench = try await Bench()
            let plane = try await bench.plane()
            bench.launcher.interfere { moment, current, _ throws(HoneError) in
                if moment == .after && current == number { await plane.shutdown() }
            }
            _ = try await plane.submit(Self.spec(bench, mode))
            let person = Self.annotator(plane)
            await plane.run()
            person.cancel()
            bench.launcher.interfere(with: nil)
            let next = try await bench.plane()
            let another = Self.annotator(next)
            try await bench.drive(next, until: "run-1")
            another.cancel()
            #expect(try await Remains(of: "run-1", in: bench) == expected, "request \(number)")
        }
    }
}
