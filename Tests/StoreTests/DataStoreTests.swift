import Domain
import Foundation
import Testing

@testable import Store

struct DataStoreTests {
    let folder: TemporaryFolder
    let store: DataStore

    init() throws {
        folder = try TemporaryFolder()
        store = try DataStore(
            folder: folder.path,
            now: { Date(timeIntervalSince1970: 1_800_000_000) }
        )
    }

    private func spec(_ name: String) -> RunSpec {
        var spec = RunSpec(
            name: name,
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.reward = ["name": "length", "target": 3]
        spec.seed = .max
        spec.prompts = .items([.string("a"), ["messages": [["role": "user", "content": "x"]]]])
        spec.trainable = .lora(rank: 4, alpha: 8)
        return spec
    }

    private func rollout(_ text: String, tokens: [Int32] = [1, 2]) -> Rollout {
        Rollout(
            promptTokens: [7],
            completionTokens: tokens,
            text: text,
            logprobs: [-0.1, -.infinity],
            samplingLogprobs: [-0.25, .nan],
            referenceLogprobs: [],
            policyVersion: 3,
            stopReason: .stopString
        )
    }

    private func new(_ place: Int, _ sample: Int, _ text: String) -> NewRollout {
        NewRollout(
            promptIndex: place,
            sampleIndex: sample,
            prompt: .text("Say"),
            rollout: rollout(text)
        )
    }

    @Test func `a run comes back as it was put in`() async throws {
        let inserted = try await store.insertRun(spec("one"))
        #expect(inserted.id == "run-1")
        #expect(inserted.spec == spec("one"))
        #expect(inserted.queuePosition == 1)
        #expect(try await store.findRun("one") == inserted)
        #expect(try await store.findRun("run-1") == inserted)
        #expect(try await store.findRun("run-01") == nil)
    }

    @Test func `a run's name is taken once`() async throws {
        _ = try await store.insertRun(spec("one"))
        let error = await #expect(throws: HoneError.self) {
            try await store.insertRun(spec("one"))
        }
        #expect(error?.code == .conflict)
    }

    @Test func `queue positions count the queued runs only, and a resumed run goes to the back`()
        async throws
    {
        for name in ["a", "b", "c"] { _ = try await store.insertRun(spec(name)) }
        try await store.commit(
            RunTransition(runID: "run-1", state: .paused, iteration: 0, policyVersion: 0)
        )
        #expect(try await store.run("run-2").queuePosition == 1)
        #expect(try await store.run("run-1").queuePosition == nil)
        try await store.commit(
            RunTransition(runID: "run-1", state: .queued, iteration: 0, policyVersion: 0)
        )
        #expect(try await store.run("run-1").queuePosition == 3)
        #expect(try await store.nextRun()?.id == "run-2")
    }

    @Test func `a run that was running goes before the queue`() async throws {
        for name in ["a", "b"] { _ = try await store.insertRun(spec(name)) }
        try await store.commit(
            RunTransition(
                runID: "run-2",
                state: .running,
                iteration: 1,
                phase: .score,
                policyVersion: 5,
                machine: "{}"
            )
        )
        let next = try await store.nextRun()
        #expect(next?.id == "run-2")
        #expect(next?.phase == .score)
        #expect(next?.policyVersion == 5)
        #expect(try await store.machine("run-2") == "{}")
    }

    @Test func `floats of a rollout keep their bits`() async throws {
        _ = try await store.insertRun(spec("a"))
        let ids = try await store.insertRollouts(
            [new(0, 0, "x\u{0}ü"), new(0, 1, "")],
            run: "run-1",
            purpose: .training,
            iteration: 1
        )
        let found = try #require(try await store.rollout(ids[0]))
        #expect(found.rollout.text == "x\u{0}ü")
        #expect(found.rollout.logprobs.map(\.bitPattern) == rollout("").logprobs.map(\.bitPattern))
        #expect(found.rollout.samplingLogprobs[1].isNaN)
        #expect(found.rollout.stopReason == .stopString)
        #expect(found.prompt == .text("Say"))
    }

    @Test func `a unit is stored whole or not at all`() async throws {
        _ = try await store.insertRun(spec("a"))
        await #expect(throws: HoneError.self) {
            try await store.insertRollouts(
                [new(0, 0, "x"), new(0, 0, "again")],
                run: "run-1",
                purpose: .training,
                iteration: 1
            )
        }
        let page = try await store.rollouts(run: "run-1", limit: 10)
        #expect(page.items.isEmpty)
    }

    @Test func `a missing score is unscored, never zero`() async throws {
        let ids = try await store.insertRollouts([new(0, 0, "x")], run: nil, purpose: .request)
        try await store.insertScores([
            (ids[0], ScoreRecord(reward: "reward", score: .nan, components: ["a": nil, "b": 2]))
        ])
        let found = try #require(try await store.rollout(ids[0]))
        #expect(
            found.scores == [
                ScoreRecord(reward: "reward", score: nil, components: ["a": nil, "b": 2])
            ]
        )
        #expect(found.reward == nil)
        #expect(found.runID == nil)
    }

    @Test func `the rewards of tokens keep their bits`() async throws {
        let ids = try await store.insertRollouts(
            [new(0, 0, "x"), new(0, 1, "y")],
            run: nil,
            purpose: .request
        )
        let scores = [[0.1, -3e-30, 0] as [Float], []].map {
            ScoreRecord(reward: "reward", score: 1, tokenRewards: $0)
        }
        try await store.insertScores(zip(ids, scores).map { (rollout: $0, score: $1) })
        for (id, score) in zip(ids, scores) {
            #expect(try await store.rollout(id)?.scores == [score])
        }
    }

    @Test func `pages say whether more follow`() async throws {
        let rollouts = (0..<5).map { new($0, 0, "x") }
        let ids = try await store.insertRollouts(rollouts, run: nil, purpose: .request)
        let first = try await store.rollouts(limit: 3)
        #expect(first.hasMore)
        let second = try await store.rollouts(after: first.items.last?.id, limit: 3)
        #expect(!second.hasMore)
        #expect((first.items + second.items).map(\.id) == ids)
    }

    @Test func `deleting a run takes everything of it and nothing else`() async throws {
        for name in ["a", "b"] { _ = try await store.insertRun(spec(name)) }
        for run in ["run-1", "run-2"] {
            let ids = try await store.insertRollouts(
                [new(0, 0, "x"), new(0, 1, "y")],
                run: run,
                purpose: .training,
                iteration: 1
            )
            try await store.insertScores([(ids[0], ScoreRecord(reward: "reward", score: 1))])
            try await store.replacePairs(
                run: run,
                iteration: 1,
                pairs: [(ids[0], ids[1], 1)]
            )
            try await store.finishIteration(run: run, iteration: 1, metrics: ["reward/mean": 1])
            try await store.insertCheckpoint(
                run: run,
                iteration: 1,
                step: 2,
                path: folder.path + "/x",
                byteCount: 1
            )
        }
        try await store.deleteRun("run-1")
        #expect(try await store.findRun("a") == nil)
        #expect(try await store.rollouts(limit: 10).items.map(\.runID) == ["run-2", "run-2"])
        #expect(try await store.events(run: "run-1", after: 0, limit: 10).isEmpty)
        #expect(try await store.pairs(run: "run-2", limit: 10).items.count == 1)
        #expect(try await store.checkpoints(run: "run-2").map(\.path) == [folder.path + "/x"])
        let next = try await store.insertRun(spec("a"))
        #expect(next.id == "run-3")
    }

    @Test func `a redone iteration replaces its metrics, and numbers that are none are left out`()
        async throws
    {
        _ = try await store.insertRun(spec("a"))
        try await store.finishIteration(run: "run-1", iteration: 1, metrics: ["a": 1, "b": .nan])
        try await store.finishIteration(run: "run-1", iteration: 1, metrics: ["a": 2])
        #expect(try await store.iterations(run: "run-1").map(\.metrics) == [["a": 2]])
    }

    @Test func `an idempotency key is claimed once, replayed, and refused for another body`()
        async throws
    {
        #expect(try await store.claim(key: "k", bodyHash: "1") == .claimed)
        #expect(try await store.claim(key: "k", bodyHash: "1") == .inProgress)
        try await store.finish(key: "k", status: 202, reply: "{}")
        #expect(try await store.claim(key: "k", bodyHash: "1") == .replay(status: 202, body: "{}"))
        #expect(try await store.claim(key: "k", bodyHash: "2") == .conflict)
        #expect(try await store.claim(key: "j", bodyHash: "1") == .claimed)
        try await store.abandon(key: "j")
        #expect(try await store.claim(key: "j", bodyHash: "2") == .claimed)
    }

    @Test func `replies survive a restart and unanswered keys do not`() async throws {
        _ = try await store.claim(key: "done", bodyHash: "1")
        try await store.finish(key: "done", status: 200, reply: "x")
        _ = try await store.claim(key: "open", bodyHash: "1")
        let again = try DataStore(folder: folder.path)
        #expect(
            try await again.claim(key: "done", bodyHash: "1") == .replay(status: 200, body: "x")
        )
        #expect(try await again.claim(key: "open", bodyHash: "2") == .claimed)
    }

    @Test func `models keep their folders relative to the data folder`() async throws {
        let model = ModelRecord(
            name: "m",
            isRewardModel: true,
            rewardKind: .ensemble,
            folder: folder.path + "/models/m",
            configuration: ModelConfiguration(
                vocabularySize: 8,
                hiddenSize: 4,
                intermediateSize: 8,
                layerCount: 1,
                headCount: 1,
                keyValueHeadCount: 1,
                contextLength: 16,
                tiesEmbeddings: true
            ),
            parameterCount: 10,
            byteCount: 40,
            sourceType: "F32",
            importedFrom: "/x.gguf",
            createdAt: Date(timeIntervalSince1970: 5)
        )
        let before = store.modelChanges.count
        try await store.insertModel(model)
        #expect(store.modelChanges.count > before)
        #expect(try await store.model("m") == model)
        let moved = folder.path + "-moved"
        try FileManager.default.copyItem(atPath: folder.path, toPath: moved)
        defer { try? FileManager.default.removeItem(atPath: moved) }
        #expect(try await DataStore(folder: moved).models().map(\.folder) == [moved + "/models/m"])
        let between = store.modelChanges.count
        try await store.deleteModel("m")
        #expect(store.modelChanges.count > between)
        #expect(try await store.models().isEmpty)
    }
}

struct DatabaseFileTests {
    @Test func `a database of a newer version is refused by name`() throws {
        let folder = try TemporaryFolder()
        do {
            let connection = try Connection(path: folder.path + "/hone.sqlite")
            try connection.migrate(
                Migration.all + [Migration(name: "2099-flying", sql: "SELECT 1")],
                now: Date()
            )
        }
        let error = #expect(throws: HoneError.self) { try DataStore(folder: folder.path) }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("2099-flying") == true)
    }

    @Test func `migrations are applied once, and a failing one leaves nothing`() throws {
        let folder = try TemporaryFolder()
        let connection = try Connection(path: folder.path + "/x.sqlite")
        let first = Migration(name: "a", sql: "CREATE TABLE a (x)")
        try connection.migrate([first], now: Date())
        try connection.migrate([first], now: Date())
        let bad = Migration(name: "b", sql: "CREATE TABLE b (x); CREATE TABLE a (x)")
        #expect(throws: HoneError.self) { try connection.migrate([first, bad], now: Date()) }
        let tables = try connection.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ) { row throws(HoneError) in row.text(0) }
        #expect(!tables.contains("b"))
    }

    @Test func `a damaged file is named`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/hone.sqlite"
        try Data(repeating: 0x42, count: 8192).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: HoneError.self) { try DataStore(folder: folder.path) }
        #expect(error?.code == .invalidData)
        #expect(error?.message.contains(path) == true)
    }

    @Test func `a full disk is told from other failures and loses nothing`() async throws {
        let folder = try TemporaryFolder()
        let connection = try Connection(path: folder.path + "/x.sqlite")
        try connection.execute("CREATE TABLE t (x)")
        _ = try connection.rows("PRAGMA max_page_count = 4") { _ throws(HoneError) in }
        let blob = SQLValue.blob([UInt8](repeating: 1, count: 100_000))
        let error = #expect(throws: HoneError.self) {
            try connection.transaction { () throws(HoneError) in
                try connection.execute("INSERT INTO t VALUES (1)")
                try connection.execute("INSERT INTO t VALUES (?)", blob)
            }
        }
        #expect(error?.code == .diskFull)
        let count = try connection.firstRow("SELECT count(*) FROM t") { row throws(HoneError) in
            row.integer(0)
        }
        #expect(count == 0)
    }

    @Test func `durability is the strongest that SQLite has with a log`() throws {
        let folder = try TemporaryFolder()
        let connection = try Connection(path: folder.path + "/x.sqlite")
        func pragma(_ name: String) throws -> String? {
            try connection.firstRow("PRAGMA \(name)") { row throws(HoneError) in row.text(0) }
        }
        #expect(try pragma("journal_mode") == "wal")
        #expect(try pragma("synchronous") == "2")
        #expect(try pragma("foreign_keys") == "1")
    }
}
