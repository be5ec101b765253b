import Domain
import Testing

@testable import APITypes

struct FeedbackFormatTests {
    private func object(_ word: String, _ prompt: Prompt = .text("p")) -> FeedbackObject {
        FeedbackObject(
            id: 1,
            verdict: Verdict(kind: .pairwise, value: .string(word)),
            prompt: prompt,
            subjects: [.init(rolloutId: nil, text: "a"), .init(rolloutId: nil, text: "b")],
            source: "api",
            createdAt: 0
        )
    }

    @Test(arguments: FeedbackFormat.allCases)
    func `a preference survives the way out and back`(_ format: FeedbackFormat) throws {
        for (word, chosen) in [("first", "a"), ("second", "b")] {
            let record = try #require(format.record(object(word)))
            let item = try #require(try format.item(record))
            let request = try FeedbackRequest(item)
            let texts = request.items[0].completions
            let choice = try #require(request.items[0].verdict.choice)
            #expect(texts[choice == .first ? 0 : 1] == chosen, "\(format) \(word)")
            #expect(Set(texts) == ["a", "b"])
        }
    }

    @Test func `a tie is no pair where there is no word for it`() throws {
        for format in [FeedbackFormat.trl, .openai, .hhRLHF] {
            #expect(format.record(object("tie")) == nil)
        }
        let record = try #require(FeedbackFormat.labelStudio.record(object("tie")))
        #expect(try FeedbackFormat.labelStudio.item(record)?["value"] == "tie")
        #expect(try FeedbackFormat.labelStudio.item(["data": [:], "annotations": []]) == nil)
    }

    @Test func `dialogues are told apart at their last answer`() throws {
        let record: Value = [
            "chosen": "\n\nHuman: hi\n\nAssistant: yes?\n\nHuman: why\n\nAssistant: because",
            "rejected": "\n\nHuman: hi\n\nAssistant: yes?\n\nHuman: why\n\nAssistant: no",
        ]
        let item = try #require(try FeedbackFormat.hhRLHF.item(record))
        #expect(
            item["prompt"] == [
                ["role": "user", "content": "hi"], ["role": "assistant", "content": "yes?"],
                ["role": "user", "content": "why"],
            ]
        )
        #expect(item["completions"] == ["because", "no"])
        let strange: Value = ["chosen": "\n\nHuman: a\n\nAssistant: b", "rejected": "x"]
        #expect(throws: HoneError.self) { try FeedbackFormat.hhRLHF.item(strange) }
    }
}
