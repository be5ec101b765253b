import Domain
import Rewards
import Testing

@Suite struct RemoteServiceTests {
    private func service(_ shape: String, _ fields: [String: Value] = [:]) throws -> RemoteService {
        let own: [String: Value] = [
            "name": "remote", "url": "http://127.0.0.1:9/x", "protocol": .string(shape),
            "model": "m",
        ]
        let plan = try RewardPlan(.object(own.merging(fields) { $1 }))
        guard case .remote(let service)? = plan.leaves[0].source else {
            throw HoneError(.invalidSpec, "no service")
        }
        return service
    }

    private static let items = [
        RewardInput(prompt: "p", completion: "a", item: ["label": 3]),
        RewardInput(prompt: "q", completion: "b"),
    ]

    @Test func `requests have the shape of each protocol`() throws {
        #expect(
            try service("openrlhf").request(Self.items)
                == ["query": ["pa", "qb"], "prompts": ["p", "q"], "labels": [3, .null]]
        )
        #expect(
            try service("slime").request([Self.items[0]])
                == ["prompt": "p", "response": "a", "label": 3]
        )
        #expect(try service("slime").batchSize == 1)
        #expect(
            try service("vllm_score").request(Self.items)
                == ["model": "m", "text_1": ["p", "q"], "text_2": ["a", "b"]]
        )
        #expect(
            try service("vllm_classify").request(Self.items)
                == ["model": "m", "input": ["pa", "qb"], "use_activation": false]
        )
    }

    @Test func `replies of each protocol are read`() throws {
        func scores(_ shape: String, _ reply: Value, _ count: Int = 2) throws -> [Double?] {
            try service(shape).scores(reply, count: count).map(\.value)
        }
        #expect(try scores("openrlhf", ["rewards": [1, 0.5], "scores": [0, 0]]) == [1, 0.5])
        #expect(try scores("openrlhf", ["rewards": [.null, "x"]]) == [nil, nil])
        #expect(try scores("slime", 0.25, 1) == [0.25])
        #expect(try scores("slime", ["score": 2], 1) == [2])
        let named = try service("slime", ["result_key": "r"])
        #expect(try named.scores(["r": 4], count: 1)[0].value == 4)
        let rows: Value = ["data": [["index": 1, "score": 2], ["index": 0, "score": 1]]]
        #expect(try scores("vllm_score", rows) == [1, 2])
        let classes: Value = ["data": [["index": 0, "probs": [0.2, 0.8]]]]
        #expect(try scores("vllm_classify", classes, 1) == [0.8])
        let pooled: Value = ["data": [["index": 0, "data": [[0.1], [0.7]]]]]
        #expect(try scores("vllm_pooling", pooled, 1) == [0.7])
        #expect(try scores("vllm_pooling", ["data": [["embedding": [0.1, 0.3]]]], 1) == [0.3])
    }

    @Test(
        arguments: [
            ("openrlhf", ["rewards": [1]]), ("openrlhf", ["rewards": [1, 2, 3]]), ("openrlhf", []),
            ("openrlhf", ["scores": [1, 2]]), ("vllm_score", ["data": [["score": 1]]]),
            ("vllm_score", ["data": [["index": 0, "score": 1], ["index": 0, "score": 2]]]),
            ("vllm_score", ["data": [["index": 0, "score": 1], ["index": -7, "score": 2]]]),
            ("slime", 3), ("slime", ["other": 1]),
        ] as [(String, Value)]
    )
    func `a reply of another count or shape is malformed`(_ shape: String, _ reply: Value) throws {
        let service = try service(shape)
        #expect(throws: RemoteService.Malformed.self) { try service.scores(reply, count: 2) }
    }

    @Test(
        arguments: [
            ["url": "https://x/"], ["url": "x"], ["url": "http://"], ["url": "http:///x"],
            ["url": "http://a b/"], ["url": "http://user@host/"], ["protocol": "grpc"],
            ["protocol": "vllm_score", "model": ""], ["batch_size": 0], ["timeout_seconds": 0],
            ["attempts": 0], ["concurrency": 65],
        ] as [Value]
    )
    func `what no service can be is refused`(_ change: Value) {
        #expect(throws: Faults.self) { try service("openrlhf", change.objectValue ?? [:]) }
    }
}
