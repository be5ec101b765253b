import Domain
import Testing

@testable import APITypes

struct OutsideVerdictTests {
    private func annotation(_ result: Value, _ changes: [String: Value] = [:]) -> Value {
        let fields: [String: Value] = [
            "id": 7, "lead_time": 2.5, "completed_by": ["email": "ada@example.com"],
            "result": [result],
        ]
        return .object(fields.merging(changes) { $1 })
    }

    private func event(_ action: String, _ annotation: Value, _ task: Value) -> Value {
        [
            "action": .string(action), "annotation": annotation, "project": ["id": 3],
            "task": ["data": task],
        ]
    }

    private static let pair: Value = [
        "prompt": "p", "answer1": "a", "answer2": "b", "hone_lease": 5,
    ]

    private static let left: Value = [
        "type": "pairwise", "from_name": "any", "value": ["selected": "left"],
    ]

    @Test func `a pairwise annotation is a verdict with its origin, person, time and lease`() throws
    {
        let event = try LabelStudioEvent(
            event("ANNOTATION_CREATED", annotation(Self.left), Self.pair)
        )
        guard case .given(let item, let lease)? = event.verdicts.first else {
            Issue.record("no verdict")
            return
        }
        #expect(lease == 5 && item.verdict.choice == .first && item.completions == ["a", "b"])
        #expect(item.source == "label-studio:3" && item.externalID == "7")
        #expect(item.annotator == "ada@example.com" && item.seconds == 2.5)
    }

    @Test func `ratings, choices and rankers are read`() throws {
        func verdict(_ result: Value, _ task: Value) throws -> FeedbackRequest.Item? {
            let event = try LabelStudioEvent(
                event("ANNOTATION_UPDATED", annotation(result), task)
            )
            if case .given(let item, nil)? = event.verdicts.first { return item }
            return nil
        }
        let text: Value = ["prompt": "p", "completion": "c"]
        let rating = try verdict(["type": "rating", "value": ["rating": 4]], text)
        #expect(rating?.verdict.value == 4 && rating?.completions == ["c"])
        let choice = try verdict(["type": "choices", "value": ["choices": ["Thumbs up"]]], text)
        #expect(choice?.verdict.value == true)
        let items: Value = [
            "prompt": "p", "items": [["id": "x", "body": "one"], ["id": "y", "body": "two"]],
        ]
        let ranked = try verdict(
            ["type": "ranker", "value": ["ranker": ["rank": ["y", "x"]]]],
            items
        )
        #expect(ranked?.verdict.value == [2, 1] && ranked?.completions == ["one", "two"])
    }

    @Test func `what is deleted or skipped is withdrawn, what is unknown says nothing`() throws {
        let gone = try LabelStudioEvent(event("ANNOTATION_DELETED", ["id": 7], .null))
        #expect(gone.verdicts == [.withdrawn(source: "label-studio:3", externalID: "7")])
        let many = try LabelStudioEvent([
            "action": "ANNOTATIONS_DELETED", "annotations": [["id": 1], ["id": 2]],
        ])
        #expect(many.verdicts.count == 2)
        let skipped = annotation(Self.left, ["was_cancelled": true])
        #expect(
            try LabelStudioEvent(event("ANNOTATION_CREATED", skipped, Self.pair)).verdicts
                == [.withdrawn(source: "label-studio:3", externalID: "7")]
        )
        #expect(try LabelStudioEvent(["action": "PROJECT_UPDATED"]).verdicts.isEmpty)
        let bare = #expect(throws: Faults.self) {
            try LabelStudioEvent(["action": "ANNOTATION_CREATED"])
        }
        #expect(bare?.list.first?.path == "$.annotation")
        #expect(throws: Faults.self) {
            try LabelStudioEvent(
                event("ANNOTATION_CREATED", annotation(Self.left), ["prompt": "p"])
            )
        }
    }

    @Test func `what was emptied in an annotation no longer stands`() throws {
        let other: Value = ["type": "rating", "to_name": "answer2", "value": ["rating": 2]]
        let both = annotation(.null, ["result": [Self.left, other]])
        let event = try LabelStudioEvent(event("ANNOTATION_UPDATED", both, Self.pair))
        #expect(
            event.verdicts.last
                == .limited(source: "label-studio:3", externalID: "7", count: 2)
        )
        guard case .given(let item, nil) = event.verdicts[1] else {
            Issue.record("no rating")
            return
        }
        #expect(item.externalID == "7/1" && item.completions == ["b"])
    }

    @Test func `a control on one side of a run's comparison is about that completion`() throws {
        let fields = Self.pair.objectValue ?? [:]
        let task = Value.object(fields.merging(["hone_rollouts": [31, 32]]) { $1 })
        func item(_ result: Value) throws -> (FeedbackRequest.Item, Int?)? {
            let event = try LabelStudioEvent(event("ANNOTATION_CREATED", annotation(result), task))
            guard case .given(let item, let lease)? = event.verdicts.first else { return nil }
            return (item, lease)
        }
        let rating = try item(["type": "rating", "to_name": "answer2", "value": ["rating": 4]])
        #expect(rating?.0.rollouts == [32] && rating?.1 == nil)
        let choice = try item([
            "type": "choices", "to_name": "answer1", "value": ["choices": ["good"]],
        ])
        #expect(choice?.0.rollouts == [31] && choice?.0.verdict.value == true)
    }

    @Test func `a ranker over a leased comparison answers it`() throws {
        let items: Value = [
            "prompt": "p", "hone_lease": 5,
            "items": [["id": "answer1", "body": "a"], ["id": "answer2", "body": "b"]],
        ]
        let result: Value = [
            "type": "ranker", "value": ["ranker": ["rank": ["answer2", "answer1"]]],
        ]
        let event = try LabelStudioEvent(event("ANNOTATION_CREATED", annotation(result), items))
        guard case .given(let item, 5)? = event.verdicts.first else {
            Issue.record("it answers no lease")
            return
        }
        #expect(item.verdict.choice == .second && item.completions == ["a", "b"])
    }

    private func response(
        _ type: String,
        _ values: Value,
        _ changes: [String: Value] = [:]
    ) -> Value {
        let data: [String: Value] = [
            "id": "r-1", "status": "submitted", "values": values,
            "user": ["username": "ada"],
            "record": [
                "fields": ["prompt": "p", "response1": "a", "response2": "b"],
                "metadata": ["hone_lease": 9],
            ],
        ]
        return ["type": .string(type), "version": 1, "data": .object(data.merging(changes) { $1 })]
    }

    @Test func `an Argilla response is a choice, a ranking or a rating`() throws {
        func item(_ values: Value, _ changes: [String: Value] = [:]) throws -> FeedbackRequest.Item?
        {
            let event = try ArgillaEvent(response("response.created", values, changes))
            if case .given(let item, 9)? = event.verdicts.first { return item }
            if case .given(let item, nil)? = event.verdicts.first { return item }
            return nil
        }
        let chosen = try item(["preference": ["value": "response2"]])
        #expect(chosen?.verdict.choice == .second && chosen?.externalID == "r-1")
        #expect(chosen?.annotator == "ada" && chosen?.source == "argilla")
        let ranking: Value = [
            ["value": "response2", "rank": 1], ["value": "response1", "rank": 2],
        ]
        #expect(try item(["order": ["value": ranking]])?.verdict.value == [2, 1])
        let single: [String: Value] = ["record": ["fields": ["prompt": "p", "response": "c"]]]
        #expect(try item(["stars": ["value": 4]], single)?.verdict.kind == .rating)
        #expect(try item(["ok": ["value": "yes"]], single)?.verdict.value == true)
        #expect(throws: Faults.self) { try item(["why": ["value": "because"]]) }
    }

    @Test func `drafts say nothing, deleted and discarded responses are withdrawn`() throws {
        let draft = response("response.created", [:], ["status": "draft"])
        #expect(try ArgillaEvent(draft).verdicts.isEmpty)
        for gone in [
            response("response.deleted", [:]),
            response("response.updated", [:], ["status": "discarded"]),
        ] {
            #expect(
                try ArgillaEvent(gone).verdicts == [
                    .withdrawn(source: "argilla", externalID: "r-1")
                ]
            )
        }
        #expect(try ArgillaEvent(["type": "dataset.created", "data": [:]]).verdicts.isEmpty)
    }
}
