import Testing
import Tokenizers

@Suite struct IncrementalDecoderTests {
    @Test(arguments: Fixture.rules)
    func `gives the same text as decoding at once`(rule: String) throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition(rule))
        var seed: UInt64 = 7
        for _ in 0..<300 {
            let tokens = (0..<9).map { _ -> Int32 in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int32(seed >> 33) % Int32(tokenizer.vocabularySize)
            }
            var decoder = IncrementalDecoder(tokenizer)
            let text = tokens.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(text == tokenizer.decode(tokens, skippingSpecialTokens: true))
        }
    }

    @Test func `holds back the bytes of a character until it is whole`() throws {
        let tokenizer = ByteLevelBPETokenizer(try Fixture.definition("gpt-2"))
        let tokens = tokenizer.encode("🦊", recognisingSpecialTokens: false)
        #expect(tokens.count == 4)
        var decoder = IncrementalDecoder(tokenizer)
        #expect(tokens.map { decoder.append($0) } == ["", "", "", "🦊"])
        #expect(decoder.append(tokens[0]).isEmpty)
        #expect(decoder.finish() == "\u{FFFD}")
    }
}
