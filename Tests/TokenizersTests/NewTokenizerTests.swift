import Domain
import Foundation
import Testing
import Tokenizers

@Suite struct `Tokenizers of new models` {
    @Test func `the pair that is met most often is merged first`() throws {
        // Sennrich et al. 2016, algorithm 1: "es", "est" and "lo" come first of this dictionary.
        let words = [("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)]
        let text = words.flatMap { Array(repeating: $0, count: $1) }.joined(separator: "\n")
        let definition = try TokenizerDefinition.bytes(
            learningFrom: Array(text.utf8),
            vocabularySize: 262
        )
        #expect(definition.mergeStrings == ["e s", "es t", "l o"])
        #expect(Array(definition.tokens.suffix(3)) == ["es", "est", "lo"])
    }

    @Test func `a learned vocabulary spells its text in fewer tokens, and any text`() throws {
        let text = String(repeating: " the film was good, the plot thin.", count: 9)
        let definition = try TokenizerDefinition.bytes(
            learningFrom: Array(text.utf8),
            vocabularySize: 400
        )
        let tokenizer = ByteLevelBPETokenizer(definition)
        let ids = tokenizer.encode(text, recognisingSpecialTokens: true)
        // Every word of it became one token.
        #expect(ids.count == 9 * 9, "\(ids.count)")
        for text in [text, "½ e\u{301} \u{10FFFF}<|im_end|>\n\t"] {
            let ids = tokenizer.encode(text, recognisingSpecialTokens: true)
            #expect(
                tokenizer.decode(ids, skippingSpecialTokens: false).utf8.elementsEqual(text.utf8)
            )
        }
        #expect(tokenizer.encode("<|im_end|>", recognisingSpecialTokens: true) == [2])
        #expect(tokenizer.endTokenIDs == [2] && tokenizer.beginTokenID == 1)
    }

    @Test func `equal texts give equal merges`() throws {
        let text = Array("abab baba abba cdcd dcdc ccdd aabb abcd".utf8)
        let one = try TokenizerDefinition.bytes(learningFrom: text, vocabularySize: 300)
        #expect(one == (try TokenizerDefinition.bytes(learningFrom: text, vocabularySize: 300)))
        // It ends when no pair is met twice, long before 300.
        #expect((262..<300).contains(one.tokens.count))
    }

    @Test func `bytes alone and printable ASCII are whole tokenizers`() throws {
        let bytes = try TokenizerDefinition.bytes(learningFrom: [], vocabularySize: 0)
        #expect(bytes.tokens.count == 259 && bytes.merges.isEmpty)
        let ascii = try TokenizerDefinition.printableASCII()
        #expect(ascii.tokens.count == 98)
        let tokenizer = ByteLevelBPETokenizer(ascii)
        let ids = tokenizer.encode("a b~é</s>", recognisingSpecialTokens: true)
        #expect(tokenizer.decode(ids, skippingSpecialTokens: true) == "a b~")
    }

    @Test(arguments: [0, 400]) func `what is written is read back`(size: Int) throws {
        let text = Array("the cat and the hat and the bat".utf8)
        let definition = try TokenizerDefinition.bytes(learningFrom: text, vocabularySize: size)
        let read = try TokenizerDefinition(
            tokenizerJSON: definition.tokenizerJSON(),
            configJSON: definition.tokenizerConfigJSON(),
            specialTokensMapJSON: nil,
            chatTemplate: nil,
            embeddingRows: definition.tokens.count
        )
        #expect(read.tokens == definition.tokens && read.merges == definition.merges)
        #expect(read.chatTemplate == definition.chatTemplate)
        #expect(read.endTokenID == 2 && read.paddingTokenID == 0)
    }
}
