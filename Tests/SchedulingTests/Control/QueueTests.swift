import Domain
import Foundation
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct QueueTests {
    @Test func `runs are driven one at a time in their order`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        for name in ["one", "two"] { _ = try await plane.submit(bench.online(name)) }
        #expect(try await plane.findRun("two").queuePosition == 2)
        try await bench.drive(plane, until: "two")
        let (one, two) = (try await plane.findRun("one"), try await plane.findRun("two"))
        #expect(one.state == .succeeded && two.state == .succeeded)
        #expect(try #require(one.finishedAt) <= #require(two.startedAt))
    }

    @Test func `a paused run keeps its place in the work and ends in the same bytes`() async throws
    {
        let whole = try await Bench()
        _ = try await whole.complete(whole.online())
        let bench = try await Bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .update(let order) = request, order.expectedPolicyVersion == 2,
                moment == .before
            {
                _ = try await plane.pause("one")
            }
        }
        _ = try await plane.submit(bench.online())
        let paused = try await bench.drive(plane, until: "one")
        #expect(paused.state == .paused)
        #expect(await plane.workers().isEmpty)
        bench.launcher.interfere(with: nil)
        let again = try await bench.plane()
        #expect(try await again.resume("one").state == .queued)
        try await bench.drive(again, until: "one")
        #expect(try await Remains(of: "run-1", in: bench) == Remains(of: "run-1", in: whole))
    }

    @Test func `a cancelled run ends, and the next one begins`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .sample = request, moment == .before { _ = try? await plane.cancel("one") }
        }
        for name in ["one", "two"] { _ = try await plane.submit(bench.online(name)) }
        let second = try await bench.drive(plane, until: "two")
        #expect(second.state == .succeeded)
        #expect(try await plane.findRun("one").state == .cancelled)
    }

    @Test(.timeLimit(.minutes(15)))
    func `a cancellation breaks sampling off, and the run can still go on to the same bytes`()
        async throws
    {
        let whole = try await Bench()
        _ = try await whole.complete(whole.online())
        let bench = try await Bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard case .sample = request, moment == .before else { return }
            _ = try await plane.cancel("one")
            // As a worker does that is told; without it the unit would never end.
            while !Task.isCancelled { await Task.yield() }
            throw HoneError(.conflict, "cancelled")
        }
        _ = try await plane.submit(bench.online())
        let cancelled = try await bench.drive(plane, until: "one")
        #expect(cancelled.state == .cancelled && cancelled.error == nil)
        bench.launcher.interfere(with: nil)
        let again = try await bench.plane()
        _ = try await again.resume("one")
        try await bench.drive(again, until: "one")
        #expect(try await Remains(of: "run-1", in: bench) == Remains(of: "run-1", in: whole))
    }

    @Test func `a queued run is paused, resumed and cancelled without being driven`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        _ = try await plane.submit(bench.online())
        #expect(try await plane.pause("one").state == .paused)
        #expect(try await plane.resume("one").state == .queued)
        #expect(try await plane.cancel("one").state == .cancelled)
        let error = await #expect(throws: HoneError.self) { try await plane.pause("one") }
        #expect(error?.code == .conflict)
    }

    @Test
    func `the same name and spec is the same run, another spec is refused with its differences`()
        async throws
    {
        let bench = try await Bench()
        let plane = try await bench.plane()
        guard case .created(let run) = try await plane.submit(bench.online()) else {
            Issue.record("not created")
            return
        }
        #expect(try await plane.submit(bench.online()) == .existing(run))
        var other = bench.online()
        other.optimizer.learningRate = 1e-3
        let error = await #expect(throws: HoneError.self) { try await plane.submit(other) }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message.contains("$.optimizer.learning_rate: 5e-06 → 0.001") == true)
    }

    @Test func `a fork goes on from a checkpoint, which its origin may then lose`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        var spec = bench.online("two")
        spec.iterations = 3
        spec.optimizer.learningRate = 1e-4
        guard case .created(let fork) = try await plane.fork(from: "one@1", spec: spec) else {
            Issue.record("not created")
            return
        }
        #expect(fork.parent == RunRecord.Parent(runID: "run-1", iteration: 1))
        try await plane.deleteRun("one")
        let run = try await bench.drive(plane, until: "two")
        #expect(run.state == .succeeded)
        #expect(run.policyVersion == 6)
        #expect(try await plane.metrics("two").map(\.iteration) == [1, 2, 3])
        let error = await #expect(throws: HoneError.self) {
            try await plane.fork(from: "two@9", spec: spec)
        }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("two@3") == true)
    }

    @Test func `a fork is known by where it began, also when that is gone`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        var spec = bench.online("two")
        spec.iterations = 3
        guard case .created(let fork) = try await plane.fork(from: "run-1@1", spec: spec) else {
            Issue.record("not created")
            return
        }
        let other = await #expect(throws: HoneError.self) {
            try await plane.fork(from: "run-1@2", spec: spec)
        }
        #expect(other?.code == .alreadyExists)
        try await plane.deleteRun("one")
        guard case .existing(let same) = try await plane.fork(from: "run-1@1", spec: spec) else {
            Issue.record("made again")
            return
        }
        #expect(same.id == fork.id)
        await plane.shutdown()
    }

    @Test func `a fork without any checkpoint fails`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        var spec = bench.online("two")
        spec.iterations = 3
        _ = try await plane.fork(from: "one@1", spec: spec)
        try await plane.store.deleteCheckpoint(run: "run-2", iteration: 1)
        let run = try await bench.drive(plane, until: "two")
        #expect(run.state == .failed && run.error?.code == .invalidModelFile)
    }

    @Test func `a run that a process died over while making it is gone at the next start`()
        async throws
    {
        let bench = try await Bench()
        try await bench.ask { _ = try await $0.store.insertRun(bench.online(), state: .paused) }
        let left = "\(bench.folder)/data/runs/run-1/base"
        try FileManager.default.createDirectory(
            atPath: left,
            withIntermediateDirectories: true
        )
        let plane = try await bench.plane()
        #expect(try await plane.store.findRun("one") == nil)
        #expect(!FileManager.default.fileExists(atPath: left))
        guard case .created = try await plane.submit(bench.online()) else {
            Issue.record("not created")
            return
        }
        await plane.shutdown()
    }

    @Test func `a fork on fixed data neither skips steps nor repeats them`() async throws {
        let bench = try await Bench()
        var spec = Bench.offline(
            (0..<8).map { ["prompt": "p", "chosen": .string("a\($0)"), "rejected": "b"] }
        )
        (spec.minibatchSize, spec.updateEpochs, spec.iterations) = (2, 1, 4)
        #expect(try await bench.complete(spec).policyVersion == 4)
        for (name, epochs, iterations) in [("skips", 1, 8), ("twice", 2, 5), ("goes_on", 2, 8)] {
            (spec.name, spec.publishAs) = (name, name)
            (spec.updateEpochs, spec.iterations) = (epochs, iterations)
            let plane = try await bench.plane()
            _ = try await plane.fork(from: "one@4", spec: spec)
            let run = try await bench.drive(plane, until: name)
            if name == "goes_on" {
                #expect(run.state == .succeeded && run.policyVersion == 8)
            } else {
                #expect(run.state == .failed && run.error?.param == "$.iterations", "\(name)")
            }
        }
    }

    @Test func `a fork does not begin anywhere else when its checkpoint is damaged`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        bench.launcher.interfere { _, _, request throws(HoneError) in
            guard case .openPolicy(let order) = request, let path = order.checkpointFolder,
                path.contains("run-2")
            else { return }
            throw HoneError(.invalidModelFile, "model.safetensors is damaged", param: path)
        }
        let plane = try await bench.plane()
        var spec = bench.online("two")
        spec.iterations = 3
        _ = try await plane.fork(from: "one@1", spec: spec)
        let run = try await bench.drive(plane, until: "two")
        #expect(run.state == .failed && run.error?.code == .invalidModelFile)
        #expect(try await plane.checkpoints("two").map(\.iteration) == [1])
    }

    @Test func `deleting a run takes its files and leaves its model`() async throws {
        let bench = try await Bench()
        let run = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        try await plane.deleteRun("one")
        #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/data/runs/\(run.id)"))
        #expect(try await plane.model("one").runID == run.id)
        #expect(try await plane.rollouts().items.isEmpty)
        try await plane.deleteModel("one")
        let error = await #expect(throws: HoneError.self) { try await plane.model("one") }
        #expect(error?.code == .unknownModel)
    }

    @Test func `a model in use is not deleted`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        _ = try await plane.submit(bench.online())
        for name in ["tiny", "judge"] {
            let error = await #expect(throws: HoneError.self) { try await plane.deleteModel(name) }
            #expect(error?.code == .conflict)
        }
    }

    @Test func `a model that adapters lie over is not deleted before them`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let judge = try await plane.model("judge").folder
        try Data(#"{"base":{"path":"../tiny"},"sourceType":"F32"}"#.utf8)
            .write(to: URL(fileURLWithPath: "\(judge)/hone.json"))
        let error = await #expect(throws: HoneError.self) { try await plane.deleteModel("tiny") }
        #expect(error?.code == .conflict && error?.param == "tiny")
        #expect(error?.message.contains("\"judge\"") == true)
        try await plane.deleteModel("judge")
        try await plane.deleteModel("tiny")
        #expect(try await plane.models().isEmpty)
    }

    @Test func `a data folder has one owner, and the error names it`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let error = await #expect(throws: HoneError.self) { try await bench.plane() }
        #expect(error?.code == .dataFolderLocked)
        #expect(error?.message.contains("\(getpid())") == true)
        await plane.shutdown()
        _ = try await bench.plane()
    }

    @Test func `events can be followed from any id and end with the run`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        var all: [EventRecord] = []
        for await event in try await plane.events(run: "one") { all.append(event) }
        #expect(all.first?.payload["state"] == "queued")
        #expect(all.last?.payload["state"] == "succeeded")
        #expect(
            Set(all.map(\.kind)).isSuperset(of: ["state", "progress", "metrics", "checkpoint"])
        )
        var rest: [EventRecord] = []
        for await event in try await plane.events(run: "one", after: all[5].id) {
            rest.append(event)
        }
        #expect(rest == Array(all[6...]))
    }
}
