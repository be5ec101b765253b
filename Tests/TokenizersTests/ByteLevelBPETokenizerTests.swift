import Domain
import Foundation
import Testing
import Tokenizers

@Suite struct ByteLevelBPETokenizerTests {
    @Test(arguments: Fixture.rules)
    func `gives the ids and texts of the reference library`(rule: String) throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition(rule))
        let cases = try Fixture.lines(rule + ".cases.jsonl", of: Fixture.EncodingCase.self)
        #expect(cases.count > 200)
        for line in cases {
            let ids = tokenizer.encode(line.text, recognisingSpecialTokens: line.special)
            #expect(ids == line.ids, "\(line.text.debugDescription)")
            let text = tokenizer.decode(line.ids, skippingSpecialTokens: line.special)
            #expect(Array(text.utf8) == Array(line.decoded.utf8))
        }
    }

    @Test(arguments: ["gpt-2", "smollm", "llama-bpe"])
    func `decodes what it encoded`(rule: String) throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition(rule))
        let text = "Any\u{0} bytes: \u{10FFFF}\u{FEFF} e\u{301} \r\n\t<|im_end|> ½"
        let ids = tokenizer.encode(text, recognisingSpecialTokens: true)
        #expect(tokenizer.decode(ids, skippingSpecialTokens: false).utf8.elementsEqual(text.utf8))
    }

    @Test func `takes control tokens in text for text unless asked`() throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition("smollm"))
        #expect(tokenizer.encode("<|im_end|>", recognisingSpecialTokens: true) == [2])
        let plain = tokenizer.encode("<|im_end|>", recognisingSpecialTokens: false)
        #expect(plain.count > 1 && !plain.contains(2))
    }

    @Test func `merges a word of a megabyte in seconds`() throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition("gpt-2"))
        let word = String(repeating: "thequickbrown", count: 80_000)
        let start = ContinuousClock.now
        let ids = tokenizer.encode(word, recognisingSpecialTokens: false)
        // Quadratic merging would take hours; the bound leaves room for a busy machine.
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(tokenizer.decode(ids, skippingSpecialTokens: false) == word)
    }

    @Test func `leaves out ids outside the vocabulary`() throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition("gpt-2"))
        let ids: [Int32] = [-1, .max, .min, Int32(tokenizer.vocabularySize)]
        #expect(tokenizer.decode(ids, skippingSpecialTokens: false).isEmpty)
        #expect(ids.allSatisfy { tokenizer.bytes(of: $0).isEmpty && !tokenizer.isSpecial($0) })
    }

    @Test func `finds tokens by their spelling`() throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition("smollm"))
        #expect(tokenizer.tokenID(of: "<|im_start|>") == 1)
        #expect(tokenizer.tokenID(of: "no such token") == nil)
        #expect(tokenizer.specialTokens.map(\.id) == [0, 1, 2])
    }
}
