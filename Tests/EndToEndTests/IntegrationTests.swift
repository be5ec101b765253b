import Domain
import Foundation
import HTTP
import Synchronization
import Telemetry
import TestSupport
import Testing

extension EndToEndTests {
    /// What other programs get of a whole honed: rewards, and word of what happens.
    @Suite struct IntegrationTests {
        @Test func `another trainer gets the scores that Hone itself would learn from`()
            async throws
        {
            let folder = try TemporaryFolder()
            let options = ["--serve-reward", #"{"name":"length","target":4}"#]
            let honed = try await Honed(data: folder.path + "/data", options: options)
            defer { honed.program.kill(SIGKILL) }
            try await honed.importTiny()
            try await honed.submit(Specs.rewardModel("liked"))
            try await honed.wait("liked")
            let items: [Value] = ["1aaaa", "2zzzz"].map {
                ["prompt": "q", "completion": .string($0)]
            }
            let own = try await honed.post(
                "/v1/rewards",
                ["reward": ["name": "model", "model": "liked"], "items": .array(items)]
            )
            let scores = (own["scores"]?.arrayValue ?? []).compactMap { $0["score"]?.doubleValue }
            try #require(scores.count == 2, "\(own)")
            #expect(scores[0] > scores[1])
            let request: Value = [
                "model": "liked", "query": ["q1aaaa", "q2zzzz</s>"], "prompts": ["q", "q"],
            ]
            let served = try await honed.post("/get_reward", request)
            #expect(served["rewards"]?.arrayValue?.compactMap(\.doubleValue) == scores)
            let pairs: Value = ["model": "liked", "text_1": "q", "text_2": ["1aaaa", "2zzzz"]]
            let ranked = try await honed.post("/score", pairs).data
            #expect(ranked.compactMap { $0["score"]?.doubleValue } == scores)
            let unnamed = try await honed.post("/get_reward", ["query": ["abcd"]])
            #expect(unnamed["scores"]?.arrayValue?.count == 1, "\(unnamed)")
            let language = try await honed.post("/classify", ["model": "tiny", "input": "a"])
            #expect(language.status == 400 && language.errorCode == "unknown_reward")
        }

        @Test func `a verdict that was acknowledged is there after a kill at once`() async throws {
            let folder = try TemporaryFolder()
            let first = try await Honed(data: folder.path + "/data")
            let verdicts: [Value] = (0..<500).map { place in
                [
                    "kind": "pairwise", "prompt": .string("p\(place)"), "completions": ["a", "b"],
                    "value": "first",
                ]
            }
            let many = try await first.post("/v1/feedback", .array(verdicts))
            let one = try await first.post(
                "/v1/feedback",
                ["kind": "rating", "completion": "c", "value": 4]
            )
            first.program.kill(SIGKILL)
            try #require(many.status == 201 && one.status == 201)
            let second = try await Honed(data: folder.path + "/data")
            defer { second.program.kill(SIGKILL) }
            let stored = try await second.get("/v1/feedback?limit=1000").data
            #expect(stored.count == 501)
            #expect(stored.last?["value"] == 4 && stored.last?["id"] == one["id"])
        }

        /// What one of many annotators was handed, and was told to be stored.
        private struct Work: Sendable {
            var prompts: [String] = []
            /// The prompt, and the text that was preferred, by verdict.
            var answers: [Int: [String]] = [:]
        }

        @Test func `of fifty people who answer at once each is heard, and none is asked twice`()
            async throws
        {
            let folder = try TemporaryFolder()
            let honed = try await Honed(data: folder.path + "/data")
            try await honed.importTiny()
            let prompts = (0..<100).map { Value.string("p\($0)") }
            try await honed.submit([
                "name": "asked", "kind": "online", "model": "tiny", "objective": ["name": "dpo"],
                "prompts": ["items": .array(prompts)], "iterations": 1,
                "prompts_per_iteration": 100, "seed": 3,
                "sampling": ["group_size": 2, "max_tokens": 8],
                "feedback": ["mode": "human", "wait_seconds": 600, "labels_per_item": 2],
            ])
            let opened = "waits up to 600 s for verdicts"
            for try await event in try await honed.events("asked") where event.data.contains(opened)
            {
                break
            }
            let work = try await withThrowingTaskGroup(of: Work.self) { group in
                for person in 0..<50 {
                    group.addTask { try await Self.answer(honed, as: "person-\(person)") }
                }
                return try await group.reduce(into: [Work]()) { $0.append($1) }
            }
            honed.program.kill(SIGKILL)
            let again = try await Honed(data: folder.path + "/data")
            defer { again.program.kill(SIGKILL) }
            let stored = try await again.get("/v1/feedback?run=asked&limit=1000").data
            let told = work.reduce(into: [Int: [String]]()) { all, one in
                all.merge(one.answers) { old, _ in old }
            }
            #expect(stored.count == 200 && told.count == 200)
            for verdict in stored {
                let place = verdict["value"] == "first" ? 0 : 1
                let better = verdict["subjects"]?.arrayValue?[place]["text"]?.text
                let id = try #require(verdict["id"]?.integerValue)
                #expect(told[id] == [verdict["prompt"]?.text, better].compactMap(\.self))
            }
            let asked = Dictionary(grouping: work.flatMap(\.prompts), by: \.self)
            #expect(asked.count == 100 && asked.values.allSatisfy { $0.count == 2 })
            #expect(work.allSatisfy { Set($0.prompts).count == $0.prompts.count })
        }

        /// Leases and answers until nothing is left.
        private static func answer(_ honed: Honed, as name: String) async throws -> Work {
            var work = Work()
            let lease: Value = ["run": "asked", "annotator": .string(name), "n": 2]
            while true {
                let items = try await honed.post("/v1/annotations/lease", lease).data
                if items.isEmpty { return work }
                for item in items {
                    let prompt = item["prompt"]?.text ?? ""
                    work.prompts.append(prompt)
                    let side = work.prompts.count.isMultiple(of: 3) ? "second" : "first"
                    let id = item["id"]?.integerValue ?? 0
                    let reply = try await honed.post(
                        "/v1/annotations/\(id)",
                        ["verdict": ["kind": "pairwise", "value": .string(side)]]
                    )
                    try #require(reply.status == 200, "\(reply)")
                    let number = try #require(reply["feedback"]?["id"]?.integerValue)
                    work.answers[number] = [prompt, item[side]?["text"]?.text ?? ""]
                }
            }
        }

        @Test func `a webhook that was refused is told after a kill, from the first event on`()
            async throws
        {
            let folder = try TemporaryFolder()
            let heard = Mutex<[(id: String, state: String)]>([])
            let isOpen = Mutex(false)
            let receiver = Route.async(.post, "/hook") { request in
                let body = try? JSONDecoder().decode(Value.self, from: Data(request.body))
                let state = body?["data"]?["data"]?["state"]?.stringValue ?? "?"
                let id = request.headers["webhook-id"] ?? ""
                heard.withLock { $0.append((id, state)) }
                return HTTPResponse(isOpen.withLock { $0 } ? 204 : 503)
            }
            let server = try HTTPServer(
                configuration: ServerConfiguration(),
                router: Router([receiver]),
                log: Log(level: .off),
                metrics: nil
            )
            let file = folder.path + "/honed.json"
            let configuration = """
                {"webhooks": [{"url": "http://127.0.0.1:\(server.port)/hook", "events": ["run.state"],
                  "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]}
                """
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: file))
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                let first = try await Honed(
                    data: folder.path + "/data",
                    options: ["--config", file]
                )
                try await first.importTiny()
                try await first.submit(Specs.online("told", iterations: 1))
                try await first.wait("told")
                _ = try await eventually("the first event is sent") {
                    heard.withLock { $0.first?.id }
                }
                first.program.kill(SIGKILL)
                _ = try await first.program.exitCode()
                let refused = heard.withLock { $0 }
                isOpen.withLock { $0 = true }
                let second = try await Honed(
                    data: folder.path + "/data",
                    options: ["--config", file]
                )
                defer { second.program.kill(SIGKILL) }
                let told = try await eventually("the last event is sent") {
                    () -> [(id: String, state: String)]? in
                    let new = heard.withLock { Array($0.dropFirst(refused.count)) }
                    return new.last?.state == "succeeded" ? new : nil
                }
                #expect(Set(refused.map(\.id)) == [told[0].id])
                #expect(told.map(\.state) == ["queued", "running", "succeeded"])
                #expect(Set(told.map(\.id)).count == told.count)
                server.shutdown()
                try await group.waitForAll()
            }
        }
    }
}
