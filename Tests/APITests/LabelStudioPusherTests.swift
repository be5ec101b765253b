import APITypes
import Domain
import Foundation
import HTTP
import Scheduling
import Store
import Synchronization
import Telemetry
import Testing

@testable import API

@Suite(.timeLimit(.minutes(15)))
struct LabelStudioPusherTests {
    /// A Label Studio that keeps what it imports, and fails as it is told.
    private final class Studio: Sendable {
        enum Mood { case works, refuses, importsAndFails }

        struct State {
            var tasks: [Value] = []
            var moods: [Mood] = []
            var tokens: [String] = []
            var lookups = 0
        }

        let state = Mutex(State())

        var marks: [String] {
            state.withLock { $0.tasks.compactMap { $0["data"]?["hone_task"]?.stringValue } }
        }

        private func imported(_ request: HTTPRequest) -> HTTPResponse {
            let body = (try? JSONText.value(Data(request.body), source: "the body")) ?? .null
            return state.withLock { state in
                state.tokens.append(request.headers["authorization"] ?? "")
                let mood = state.moods.isEmpty ? .works : state.moods.removeFirst()
                if mood == .refuses { return HTTPResponse(401) }
                let first = state.tasks.count + 1
                state.tasks += body.arrayValue ?? []
                if mood == .importsAndFails { return HTTPResponse(502) }
                let ids = (first..<(state.tasks.count + 1)).map { Value.integer($0) }
                return .json(JSONText.data(["task_ids": .array(ids)]), status: 201)
            }
        }

        /// The tasks whose mark is in the query's filter, as Label Studio's data manager finds them.
        private func found(_ request: HTTPRequest) -> HTTPResponse {
            state.withLock { state in
                state.lookups += 1
                let query = request.query["query"] ?? ""
                let found = state.tasks.enumerated().filter { _, task in
                    query.contains("\"\(task["data"]?["hone_task"]?.stringValue ?? "?")\"")
                }
                let tasks = found.map { place, task -> Value in
                    ["id": .integer(place + 1), "data": task["data"] ?? .null]
                }
                return .json(JSONText.data(["tasks": .array(tasks)]))
            }
        }

        var routes: [Route] {
            [
                .async(.post, "/api/projects/{id}/import") { self.imported($0) },
                .async(.get, "/api/tasks") { self.found($0) },
                .async(.post, "/api/token/refresh") { _ in
                    .json(JSONText.data(["access": "short.lived.one"]))
                },
            ]
        }
    }

    private let folder = NSTemporaryDirectory() + "hone-pusher-\(UUID().uuidString)"

    /// A store whose run asks for `count` comparisons.
    private func asking(_ count: Int) async throws -> DataStore {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let store = try DataStore(folder: folder)
        let run = try await store.insertRun(FakeControl.spec("asks")).id
        var items: [NewAnnotationItem] = []
        for place in 0..<count {
            let rollouts = (0..<2).map { sample in
                NewRollout(
                    promptIndex: place,
                    sampleIndex: sample,
                    prompt: .text("p\(place)"),
                    rollout: Rollout(
                        promptTokens: [1],
                        completionTokens: [2],
                        text: "c\(place).\(sample)",
                        logprobs: [-1],
                        samplingLogprobs: [-1],
                        referenceLogprobs: [],
                        policyVersion: 0,
                        stopReason: .length
                    )
                )
            }
            let ids = try await store.insertRollouts(
                rollouts,
                run: run,
                purpose: .training,
                iteration: 1
            )
            items.append(NewAnnotationItem(first: ids[0], second: ids[1], information: 1))
        }
        try await store.openRound(run: run, iteration: 1, items: items, wanted: 1)
        return store
    }

    private func pushing(
        _ count: Int,
        to studio: Studio,
        token: String = "abc",
        run: String = "asks",
        _ body: @Sendable (LabelStudioPusher, DataStore) async throws -> Void
    ) async throws {
        let store = try await asking(count)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try HTTPServer(
            configuration: ServerConfiguration(),
            router: Router(studio.routes),
            log: Log(level: .off),
            metrics: nil
        )
        let target = try LabelStudioTarget(
            [
                "url": .string("http://127.0.0.1:\(server.port)/"), "project": 4,
                "token": .string(token), "run": .string(run),
            ],
            path: "$"
        )
        let pusher = LabelStudioPusher(
            client: LabelStudioClient(target),
            desk: FeedbackDesk(store: store),
            signals: { AsyncStream { $0.finish() } },
            log: Log(level: .off)
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            try await body(pusher, store)
            server.shutdown()
            try await group.waitForAll()
        }
    }

    @Test func `each comparison is sent once, with the lease that its answer names`() async throws {
        let studio = Studio()
        try await pushing(60, to: studio) { pusher, store in
            try await pusher.drain()
            try await pusher.drain()
            #expect(studio.marks.count == 60 && Set(studio.marks).count == 60)
            let (task, tokens) = studio.state.withLock { ($0.tasks[7]["data"], $0.tokens) }
            #expect(tokens == ["Token abc", "Token abc"])
            let lease = try #require(task?["hone_lease"]?.integerValue)
            let answered = try await store.answer(
                lease: lease,
                choice: .first,
                strength: nil,
                rationale: nil,
                seconds: nil
            )
            let rollouts = (task?["hone_rollouts"]?.arrayValue ?? []).compactMap(\.integerValue)
            let isSwapped = answered.swapped == true
            let subjects = answered.content.subjects.compactMap(\.rollout)
            #expect((isSwapped ? subjects.reversed() : subjects) == rollouts)
            #expect(answered.content.verdict.choice == (isSwapped ? .second : .first))
            let free = try await store.lease(run: nil, annotator: "ada", count: 5, seconds: 5)
            #expect(free.isEmpty)
        }
    }

    @Test func `tasks whose reply was lost are looked for, not sent again`() async throws {
        let studio = Studio()
        studio.state.withLock { $0.moods = [.importsAndFails] }
        try await pushing(3, to: studio) { pusher, store in
            await #expect(throws: RemoteFailure.self) { try await pusher.drain() }
            try await pusher.drain()
            #expect(studio.marks.count == 3)
            #expect(studio.state.withLock { $0.lookups } == 3)
            let pending = try await store.pendingPushes(target: pusher.client.target.address)
            #expect(pending.isEmpty)
        }
    }

    @Test func `tasks that were refused are sent again, unless answered elsewhere`() async throws {
        let studio = Studio()
        studio.state.withLock { $0.moods = [.refuses] }
        try await pushing(3, to: studio) { pusher, store in
            await #expect(throws: RemoteFailure.self) { try await pusher.drain() }
            #expect(studio.marks.isEmpty)
            let pending = try await store.pendingPushes(target: pusher.client.target.address)
            _ = try await store.answer(
                lease: pending[0].lease.id,
                choice: .tie,
                strength: nil,
                rationale: nil,
                seconds: nil
            )
            try await pusher.drain()
            #expect(studio.marks.count == 2)
        }
    }

    @Test func `a personal token is changed for one that lives for minutes`() async throws {
        let studio = Studio()
        try await pushing(1, to: studio, token: "a.personal.token") { pusher, _ in
            try await pusher.drain()
            #expect(studio.state.withLock { $0.tokens } == ["Bearer short.lived.one"])
        }
    }

    @Test func `nothing is sent for a run that is not there yet`() async throws {
        let studio = Studio()
        try await pushing(2, to: studio, run: "later") { pusher, store in
            try await pusher.drain()
            #expect(studio.marks.isEmpty)
            let open = try await store.openItems(run: nil)
            #expect(open == 2)
        }
    }

    @Test func `several people on one task, and late ones, are all heard`() async throws {
        let studio = Studio()
        try await pushing(1, to: studio) { pusher, store in
            try await pusher.drain()
            let data = studio.state.withLock { $0.tasks[0]["data"] ?? .null }
            let lease = data["hone_lease"]?.integerValue
            for (id, value) in [("7", "first"), ("8", "second"), ("8", "second")] {
                var new = NewFeedback(
                    Verdict(kind: .pairwise, value: .string(value)),
                    subjects: [FeedbackSubject(text: "a"), FeedbackSubject(text: "b")],
                    source: "label-studio:4"
                )
                new.externalID = id
                _ = try await pusher.desk.take(new, lease: lease)
            }
            let kept = try await store.feedback(limit: 10).items
            #expect(kept.count == 2)
            #expect(kept.allSatisfy { $0.runID == "run-1" && $0.item != nil })
            try await pusher.desk.withdraw(source: "label-studio:4", externalID: "8")
            let left = try await store.feedback(limit: 10).items
            #expect(left.map(\.content.externalID) == ["7"])
            let round = try await store.round(run: "run-1", iteration: 1)
            #expect(round?.answered == 1)
        }
    }

    @Test func `a configuration's faults are listed by their places`() throws {
        let good: Value = ["url": "http://a", "project": 1, "token": "t"]
        let list: Value = [
            good, ["url": "http://a/", "project": 1, "token": "u"],
            ["url": "https://a", "project": 1, "token": "t"],
            ["url": "http://b", "project": 1, "token": "a b"],
        ]
        let faults = #expect(throws: Faults.self) { try LabelStudioTarget.list(list) }
        #expect(
            faults?.list.map(\.path) == [
                "$.label_studio[1].project", "$.label_studio[2].url", "$.label_studio[3].token",
            ]
        )
    }
}
