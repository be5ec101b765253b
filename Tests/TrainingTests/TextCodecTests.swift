import Domain
import Foundation
import Testing
import Training

@Suite struct `Text codec` {
    @Test func `text becomes the tokens of its characters and back`() throws {
        let model = try TinyModel()
        let codec = try ModelFolder(model.path).text
        // "!" is the first printable character and token 3; "~" the last and token 96.
        #expect(try codec.encode(.text("!~\"")) == [3, 96, 4])
        #expect(codec.decode([3, 96, 4]) == "!~\"")
        #expect(codec.endTokens == [2])
    }

    @Test func `special tokens are recognised in prompts and only where asked for in text`() throws
    {
        let model = try TinyModel()
        let codec = try ModelFolder(model.path).text
        #expect(try codec.encode(.text("<s>!")) == [1, 3])
        #expect(codec.encode(text: "<s>", recognisingSpecialTokens: true) == [1])
        let plain = codec.encode(text: "<s>", recognisingSpecialTokens: false)
        #expect(plain.count == 3 && codec.decode(plain) == "<s>")
    }

    @Test func `a completion that ends has the end token`() throws {
        let model = try TinyModel()
        let codec = try ModelFolder(model.path).text
        #expect(codec.encode(completion: "!", ends: true) == [3, 2])
        #expect(codec.encode(completion: "!", ends: false) == [3])
    }

    @Test(arguments: [Int32(-1), 97, .max])
    func `tokens outside the vocabulary are refused`(token: Int32) throws {
        let model = try TinyModel()
        let codec = try ModelFolder(model.path).text
        #expect(try codec.encode(.tokens([0, 96])) == [0, 96])
        let error = #expect(throws: HoneError.self) { try codec.encode(.tokens([5, token])) }
        #expect(error?.code == .invalidRequest && error?.param == "tokens")
        try codec.check([0, 96])
        let refusal = #expect(throws: HoneError.self) { try codec.check([5, token]) }
        #expect(refusal == error)
        let message = refusal?.message ?? ""
        #expect(message.contains("\(token)") && message.contains("97"), "\(message)")
    }

    @Test(arguments: [
        ("\"vocab\"", "\"words\"", ErrorCode.invalidModelFile, "model.vocab"),
        ("\"BPE\"", "\"Unigram\"", .unsupportedModel, "Unigram"),
        (":96", ":200", .vocabularyMismatch, "201 tokens"),
    ])
    func `faults of a tokenizer name the model and what is wrong`(
        old: String,
        new: String,
        code: ErrorCode,
        words: String
    ) throws {
        let model = try TinyModel()
        let file = URL(fileURLWithPath: model.path + "/tokenizer.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing(old, with: new).write(to: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: HoneError.self) { try ModelFolder(model.path) }
        #expect(error?.code == code)
        let message = error?.message ?? ""
        #expect(message.contains(model.path) && message.contains(words), "\(message)")
    }

    @Test func `messages need a chat template`() throws {
        let model = try TinyModel()
        let codec = try ModelFolder(model.path).text
        let error = #expect(throws: HoneError.self) {
            try codec.encode(.messages([ChatMessage(role: "user", content: "hi")]))
        }
        #expect(error?.code == .invalidRequest && error?.param == "messages")
    }
}
