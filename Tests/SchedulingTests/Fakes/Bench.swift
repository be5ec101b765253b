import Domain
import Foundation
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// A data folder with a model and a reward model, and a control plane that can be killed and
/// started again on it.
final class Bench: Sendable {
    let folder: String
    let launcher = PseudoLauncher()

    init() async throws {
        let root = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        folder = "\(root)/hone-control-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        for source in ["model.gguf", "reward.gguf"] {
            try Data(source.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(source)"))
        }
        let plane = try await plane()
        _ = try await plane.importModel(path: "\(folder)/model.gguf", name: "tiny")
        _ = try await plane.importModel(path: "\(folder)/reward.gguf", name: "judge")
        await plane.shutdown()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func plane() async throws -> ControlPlane {
        try await ControlPlane(
            configuration: ControlPlaneConfiguration(dataFolder: "\(folder)/data"),
            launcher: launcher
        )
    }

    /// Asks a control plane of its own something, which is shut down before this returns: the next
    /// one finds the folder free.
    func ask<Answer: Sendable>(
        _ question: (ControlPlane) async throws -> Answer
    ) async throws -> Answer {
        let plane = try await plane()
        do {
            let answer = try await question(plane)
            await plane.shutdown()
            return answer
        } catch {
            await plane.shutdown()
            throw error
        }
    }

    /// What is wrong with a spec.
    func faults(_ spec: RunSpec) async throws -> [Fault] {
        try await ask { try await $0.validate(spec).faults }
    }

    /// The completions that the run `one` learned from.
    func trained(_ iteration: Int? = nil) async throws -> [RolloutRecord] {
        try await ask {
            try await $0.rollouts(
                run: "one",
                iteration: iteration,
                purpose: .training,
                limit: .max
            ).items
        }
    }

    /// A file in the folder, one line each.
    func file(_ name: String, _ lines: [String]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Three prompts in two units, two minibatches, two held-out prompts, two iterations.
    func online(_ name: String = "one") -> RunSpec {
        var spec = RunSpec(
            name: name,
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.prompts = .items([.string("a"), .string("b"), .string("c"), .string("d")])
        spec.reward = ["name": "model", "model": "judge"]
        spec.groupSize = 48
        spec.iterations = 2
        spec.promptsPerIteration = 3
        spec.minibatchSize = 2
        var evaluation = EvaluationSpec(prompts: .items([.string("x"), .string("y")]))
        evaluation.rewards = [["name": "length", "target": 3]]
        spec.evaluation = evaluation
        return spec
    }

    /// The same on whole groups, small ones: one unit, two minibatches.
    func groups(_ name: String = "one") -> RunSpec {
        var spec = online(name)
        spec.groupSize = 6
        spec.objective = NamedParameters(name: "grpo")
        return spec
    }

    /// Groups that are compared with an opponent's.
    func opposed(_ name: String = "one") -> RunSpec {
        var spec = groups(name)
        spec.objective = NamedParameters(name: "nash_md")
        spec.opponent = OpponentSpec(mixture: 0.5, count: 2)
        spec.evaluation = nil
        return spec
    }

    /// Every stage that remembers something, and a greedy completion of each prompt.
    func staged(_ name: String = "one") -> RunSpec {
        var spec = groups(name)
        spec.iterations = 3
        spec.checkpointEvery = 2
        spec.evaluation = nil
        let coefficients: Value = ["kl_coefficient": 0.1, "entropy_coefficient": 0.01]
        spec.objective = NamedParameters(name: "grpo", parameters: coefficients)
        spec.advantage = NamedParameters(name: "greedy_baseline")
        var stages = StageSpec()
        stages.rewards = [NamedParameters(name: "running_normalise")]
        let random: Value = ["keep": "best_and_random"]
        stages.filters = [NamedParameters(name: "rank", parameters: random)]
        stages.whiten = .batch
        stages.controllers = [
            NamedParameters(name: "adaptive_kl", parameters: ["target": 0.01, "horizon": 100]),
            NamedParameters(name: "adaptive_entropy"),
            NamedParameters(name: "lagrange", parameters: ["cost": "tokens", "limit": 3]),
        ]
        spec.stages = stages
        return spec
    }

    /// A run on given records.
    static func offline(
        _ items: [Value],
        objective: String = "dpo",
        name: String = "one"
    ) -> RunSpec {
        var spec = RunSpec(
            name: name,
            kind: .offline,
            model: "tiny",
            objective: NamedParameters(name: objective)
        )
        spec.data = .items(items)
        return spec
    }

    /// Four iterations of it whose samples may be late.
    func overlapping(_ staleness: Int, _ name: String = "one") -> RunSpec {
        var spec = groups(name)
        spec.maxStaleness = staleness
        spec.iterations = 4
        spec.checkpointEvery = 2
        spec.evaluation = nil
        return spec
    }

    /// Runs everything in the queue until the run rests.
    @discardableResult
    func drive(_ plane: ControlPlane, until run: String) async throws -> RunRecord {
        let work = Task { await plane.run() }
        try await rest(plane, run)
        await plane.shutdown()
        await work.value
        return try #require(try await plane.store.findRun(run))
    }

    /// Waits until the run rests: final or paused.
    func rest(_ plane: ControlPlane, _ run: String) async throws {
        for await event in try await plane.events(run: run) where event.kind == "state" {
            let state = try await plane.findRun(run).state
            if state.isFinal || state == .paused { return }
        }
    }

    /// Runs to the end and tells what the worker was asked to learn.
    func updates(
        _ spec: RunSpec
    ) async throws -> (run: RunRecord, updates: [WorkerRequest.Update]) {
        let list = Mutex<[WorkerRequest.Update]>([])
        launcher.interfere { moment, _, request throws(HoneError) in
            if case .update(let order) = request, moment == .before {
                list.withLock { $0.append(order) }
            }
        }
        let run = try await complete(spec)
        return (run, list.withLock { $0 })
    }

    /// Submits and runs to the end.
    func complete(_ spec: RunSpec) async throws -> RunRecord {
        let plane = try await plane()
        guard case .created(let run) = try await plane.submit(spec) else {
            Issue.record("not created: \(try await plane.validate(spec).faults)")
            throw HoneError(.invalidSpec, "not created")
        }
        return try await drive(plane, until: run.id)
    }
}

/// Everything of a run that must not depend on where it was killed.
struct Remains: Equatable, CustomStringConvertible {
    var rollouts: [String] = []
    var pairs: [String] = []
    var metrics: [String] = []
    var weights: [String] = []
    var state = ""

    init(of run: String, in bench: Bench) async throws {
        let plane = try await bench.plane()
        let store = plane.store
        let record = try await store.run(run)
        state = "\(record.state) \(record.iteration) \(record.policyVersion)"
        var places: [Int: String] = [:]
        for item in try await store.rollouts(run: run, limit: .max).items {
            let place = "\(item.purpose) \(item.iteration) \(item.promptIndex) \(item.sampleIndex)"
            places[item.id] = place
            let scores = item.scores.map { score in
                "\(score.reward) \(String(describing: score.score)) "
                    + "\(score.components.sorted { $0.key < $1.key }) \(score.tokenRewards)"
            }
            rollouts.append("\(place) \(item.unit) \(item.prompt) \(item.rollout) \(scores)")
        }
        rollouts.sort()
        pairs = try await store.pairs(run: run, limit: .max).items.map {
            "\($0.iteration) \(places[$0.chosen] ?? "?") > \(places[$0.rejected] ?? "?") "
                + "\(String(describing: $0.margin))"
        }.sorted()
        metrics = try await store.iterations(run: run).map { iteration in
            // What was computed before the kill took its time then.
            let kept = iteration.metrics.filter {
                !$0.key.hasPrefix("time/") && !$0.key.hasPrefix("throughput/")
            }
            return "\(iteration.iteration) \(kept.sorted { $0.key < $1.key })"
        }
        let folders =
            try await store.checkpoints(run: run).map(\.path)
            + (try await store.models().filter { $0.runID == run }.map(\.folder))
        weights = try folders.map {
            let text = try String(contentsOfFile: $0 + "/weights", encoding: .utf8)
            return "\($0.split(separator: "/").last ?? "") \(text)"
        }
        await plane.shutdown()
    }

    var description: String {
        "\(state) rollouts \(stir(0, rollouts.joined())) pairs \(pairs) metrics \(metrics) "
            + "weights \(weights)"
    }
}
