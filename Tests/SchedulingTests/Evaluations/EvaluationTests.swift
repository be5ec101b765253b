import Domain
import Foundation
import Statistics
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

struct EvaluationTests {
    private static let judge: Value = ["name": "model", "model": "judge"]
    private static let length: Value = ["name": "length", "target": 8]

    /// Three prompts in two units of sampling.
    private static func order(_ models: [String] = ["tiny"]) -> EvaluationOrder {
        EvaluationOrder(
            models: models,
            prompts: .items([.string("a"), .string("b"), .string("c")]),
            rewards: [judge, length],
            groupSize: 40,
            seed: 5
        )
    }

    @Test func `a model is measured by every reward`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let steps = Mutex<[String]>([])
        let report = try await plane.evaluate(Self.order()) { completed, total in
            steps.withLock { $0.append("\(completed)/\(total)") }
        }
        // Two units of sampling, and two of scoring for each reward.
        #expect(steps.withLock { $0 } == (0...6).map { "\($0)/6" })
        let model = try #require(report.models.first)
        #expect((model.prompts, model.completions) == (3, 120))
        #expect(model.rewards.map(\.reward) == ["model", "length"])
        let figures = model.rewards[0]
        #expect(figures.unscored == 0 && figures.mean.count == 120)
        #expect(figures.bestOfN.map(\.n) == [1, 2, 4, 8, 16, 32])
        #expect(abs(figures.bestOfN[0].reward - figures.mean.mean) < 1e-9)
        #expect(
            zip(figures.bestOfN, figures.bestOfN.dropFirst()).allSatisfy { $0.reward < $1.reward }
        )
        #expect(figures.bestOfN[0].others.map(\.reward) == ["length"])
        #expect(model.truncatedFraction == 0.5)
        #expect(model.length?.mean == 4)
        #expect((model.entropy ?? 0) > 0 && model.topTenMass != nil)
        #expect(model.distinct.count == 3 && model.selfBleu != nil)
        // A model that was imported has nothing it was trained from.
        #expect(model.divergence == nil)
        #expect(model.samples.count == 3 && model.samples[0].scores.count == 2)
        #expect(report.comparisons.isEmpty && report.rewards.isEmpty)
        #expect(report.agreements.map(\.texts) == [120])
    }

    @Test func `a published model is measured from where it began, and against it`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        let report = try await plane.evaluate(Self.order(["one", "tiny"])) { _, _ in }
        let divergence = try #require(report.models[0].divergence)
        #expect(divergence.reference == "tiny")
        #expect(divergence.k3 > 0 && divergence.exact != nil)
        #expect(report.comparisons.map(\.reward) == ["model", "length"])
        let comparison = report.comparisons[0]
        #expect((comparison.model, comparison.opponent) == ("one", "tiny"))
        let wins = comparison.winRate
        #expect(wins.wins + wins.losses + wins.ties == 120)
        // All are equally long, so that control changes nothing but the ridge's little.
        let controlled = try #require(comparison.lengthControlled)
        #expect(abs(controlled.rate - wins.rate) < 0.001)
        let means = report.models.map { $0.rewards[0].mean.mean }
        #expect(abs(comparison.difference.mean - (means[0] - means[1])) < 1e-9)
    }

    @Test func `equal orders give equal reports`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let first = try await plane.evaluate(Self.order()) { _, _ in }
        #expect(try await plane.evaluate(Self.order()) { _, _ in } == first)
        var other = Self.order()
        other.seed = 6
        #expect(try await plane.evaluate(other) { _, _ in } != first)
    }

    @Test func `rewards are judged by pairs`() async throws {
        let bench = try await Bench()
        let pairs = (0..<20).map { index -> Value in
            let short = String(repeating: "x", count: 1 + index % 3)
            return [
                "prompt": .string("p\(index)"), "chosen": .string("\(short) yyyyy"),
                "rejected": .string(short), "margin": .integer(index),
            ]
        }
        let order = EvaluationOrder(
            pairs: .items(pairs),
            rewards: [["name": "length", "target": 9, "unit": "characters"]]
        )
        let report = try await bench.plane().evaluate(order) { _, _ in }
        let found = try #require(report.rewards.first)
        #expect((found.pairs, found.unscored) == (20, 0))
        let figures = try #require(found.figures)
        #expect(figures.accuracy.rate == 1)
        #expect(figures.lengthBias.chosenLonger.count == 20)
        #expect(figures.byMargin.map(\.count).reduce(0, +) == 20)
        #expect(figures.byMargin.last?.upper == 19)
        #expect(report.models.isEmpty)
    }

    @Test func `ratings give the pairs of which one is a point better`() async throws {
        let bench = try await Bench()
        let ratings: [Value] = [
            ["completion": "aa", "rating": 1], ["completion": "aaaa", "rating": 3],
            ["completion": "aaa", "rating": 1.5],
        ]
        let order = EvaluationOrder(
            pairs: .items(ratings),
            rewards: [["name": "length", "target": 4, "unit": "characters"]]
        )
        let report = try await bench.plane().evaluate(order) { _, _ in }
        #expect(report.rewards[0].pairs == 2)
        #expect(report.rewards[0].figures?.accuracy.rate == 1)
    }

    @Test func `two rewards are compared on the same texts`() async throws {
        let bench = try await Bench()
        let items: [Value] = [
            ["prompt": "p", "completions": ["a", "aa", "aaa"]],
            ["prompt": "q", "completion": "aaaa"], ["prompt": "q", "completion": "a"],
        ]
        func length(_ target: Int) -> Value {
            ["name": "length", "target": .integer(target), "unit": "characters"]
        }
        let order = EvaluationOrder(
            items: .items(items),
            rewards: [length(1), length(4)]
        )
        let found = try #require(
            try await bench.plane().evaluate(order) { _, _ in }.agreements.first
        )
        #expect((found.first, found.second, found.texts) == ("length", "length_2", 5))
        #expect(found.concordance == 0)
        // Targets of 1 hold "aa" and "aaa" for equally far off: -√3/2 there, -1 at the other prompt.
        let within = try #require(found.withinPrompts.spearman)
        #expect(abs(within + 0.9330127) < 1e-6)
        #expect(found.starc > 0.9)
        #expect(found.disagreements.first?.first == "a")
        #expect(found.disagreements.first?.second == "aaaa")
    }

    @Test func `everything that is wrong is said at once`() async throws {
        let plane = try await Bench().plane()
        func message(_ order: EvaluationOrder) async -> String {
            do throws(HoneError) {
                _ = try await plane.submit(order)
                return ""
            } catch { return error.message }
        }
        let nothing = await message(EvaluationOrder(models: ["tiny"]))
        #expect(nothing.contains("$.prompts"))
        let wrong = await message(
            EvaluationOrder(
                pairs: .items(["x"]),
                rewards: [["name": "lengt"], ["name": "model", "model": "tiny"]]
            )
        )
        #expect(wrong.contains("$.rewards[0]") && wrong.contains("length"))
        #expect(wrong.contains("$.rewards[1]") && wrong.contains("language model"))
        #expect(await message(Self.order(["tiny", "tiny"])).contains("twice"))
        #expect(await message(Self.order(["tinny"])).contains("did you mean \"tiny\"?"))
        var order = Self.order()
        order.prompts = .file("/nowhere.jsonl")
        #expect(await message(order).contains("does not exist"))
        #expect(try await plane.evaluations().items.isEmpty)
    }
}

/// Evaluations that a daemon does one after another.
struct EvaluationQueueTests {
    private static let order = EvaluationOrder(
        models: ["tiny"],
        prompts: .items([.string("a")]),
        rewards: [["name": "length", "target": 8]],
        groupSize: 2
    )

    /// Waits until an evaluation has ended.
    private func end(_ plane: ControlPlane, _ id: String) async throws -> EvaluationRecord {
        while true {
            let record = try await plane.evaluation(id)
            if record.state.isFinal { return record }
            await Task.yield()
        }
    }

    @Test func `what is asked for is done in order and kept`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let first = try await plane.submit(Self.order)
        #expect(first.id == "evaluation-1" && first.state == .queued)
        let work = Task { await plane.run() }
        let second = try await plane.submit(Self.order)
        let done = try await end(plane, second.id)
        #expect(done.state == .succeeded && done.completed == 2 && done.total == 2)
        let earlier = try await plane.evaluation(first.id)
        #expect(earlier.report == done.report)
        #expect(done.report?["models"]?.arrayValue?.count == 1)
        await plane.shutdown()
        await work.value
        let reopened = try await bench.plane()
        #expect(try await reopened.evaluations().items.map(\.report) == [done.report, done.report])
        try await reopened.deleteEvaluation(first.id)
        await #expect(throws: HoneError.self) { try await reopened.evaluation(first.id) }
    }

    @Test func `one that was under way when the process ended is done at the next start`()
        async throws
    {
        let bench = try await Bench()
        let file = try bench.file("prompts.jsonl", [#"{"prompt":"a"}"#, #"{"prompt":"b"}"#])
        var order = Self.order
        order.prompts = .file(file)
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard case .measure = request, moment == .before else { return }
            signal.yield()
            // Until the plane is shut down.
            while !Task.isCancelled { await Task.yield() }
            throw PseudoLauncher.lost
        }
        let plane = try await bench.plane()
        let id = try await plane.submit(order).id
        let work = Task { await plane.run() }
        for await _ in started { break }
        await plane.shutdown()
        await work.value
        try FileManager.default.removeItem(atPath: file)
        bench.launcher.interfere(with: nil)
        let next = try await bench.plane()
        #expect(try await next.evaluation(id).state == .running)
        let again = Task { await next.run() }
        #expect(try await end(next, id).state == .succeeded)
        await next.shutdown()
        await again.value
    }

    @Test func `a cancelled one ends, and the next begins`() async throws {
        let bench = try await Bench()
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let isFirst = Mutex(true)
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard case .measure = request, moment == .before,
                isFirst.withLock({ first in
                    defer { first = false }
                    return first
                })
            else { return }
            signal.yield()
            while !Task.isCancelled { await Task.yield() }
            throw HoneError(.conflict, "the request was cancelled")
        }
        let plane = try await bench.plane()
        let work = Task { await plane.run() }
        let first = try await plane.submit(Self.order)
        let second = try await plane.submit(Self.order)
        for await _ in started { break }
        #expect(try await plane.cancelEvaluation(first.id).state == .cancelled)
        #expect(try await end(plane, second.id).state == .succeeded)
        #expect(try await plane.evaluation(first.id).state == .cancelled)
        await #expect(throws: HoneError.self) { try await plane.cancelEvaluation(second.id) }
        await plane.shutdown()
        await work.value
    }

    @Test func `one that fails says why`() async throws {
        let bench = try await Bench()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .measure = request, moment == .before { throw PseudoLauncher.lost }
        }
        let plane = try await bench.plane()
        let work = Task { await plane.run() }
        let id = try await plane.submit(Self.order).id
        let found = try await end(plane, id)
        #expect(found.state == .failed && found.error?.code == .workerLost)
        await plane.shutdown()
        await work.value
    }
}
