import Domain
import Testing

@testable import Scheduling

@Suite struct ConversationTurnsTests {
    private static func record(_ value: Value) -> DataRecord {
        DataRecord(value: value, place: "a.jsonl:1")
    }

    private static let conversation: [Value] = [
        ["role": "user", "content": "a"], ["role": "assistant", "content": "b"],
        ["role": "user", "content": "c"], ["role": "assistant", "content": "d"],
    ]

    @Test func `every answer becomes a record of the conversation up to it`() throws {
        let turns = try ConversationTurns.split([
            Self.record(["messages": .array(Self.conversation)]),
            Self.record(["prompt": "p", "completion": "q"]),
        ])
        #expect(
            turns == [
                ["messages": .array(Array(Self.conversation.prefix(2)))],
                ["messages": .array(Self.conversation)], ["prompt": "p", "completion": "q"],
            ]
        )
    }

    @Test func `an answer of weight 0 is read and not learned from`() throws {
        var messages = Self.conversation
        messages[1] = ["role": "assistant", "content": "b", "weight": 0]
        messages[3] = ["role": "assistant", "content": "d", "weight": 1]
        let turns = try ConversationTurns.split([Self.record(["messages": .array(messages)])])
        #expect(turns == [["messages": .array(Self.conversation)]])
    }

    @Test func `what cannot be learned from is named with its line`() {
        let wrong: [Value] = [
            ["messages": [["role": "user", "content": "a"]]],
            ["messages": .array(Self.conversation), "tools": [["type": "function"]]],
            ["messages": [["role": "assistant", "content": "a", "weight": 0.5]]],
        ]
        for value in wrong {
            let error = #expect(throws: HoneError.self) {
                try ConversationTurns.split([Self.record(value)])
            }
            #expect(error?.code == .invalidData && error?.message.hasPrefix("a.jsonl:1") == true)
        }
    }
}
