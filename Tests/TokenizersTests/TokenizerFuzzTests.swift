import Domain
import Foundation
import TestSupport
import Testing
import Tokenizers

/// Whatever a model's files say, they are a tokenizer, a template, or a `HoneError`; a trap would end the
/// test run.
@Suite struct TokenizerFuzzTests {
    @Test func `a damaged tokenizer is refused or encodes`() throws {
        let content = #"""
            {"version":"1.0","added_tokens":[{"id":3,"content":"<s>","special":true,"lstrip":true}],
             "normalizer":{"type":"NFC"},
             "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
             "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},
              {"Sequence":{"id":"A"}}],"special_tokens":{"<s>":{"id":"<s>","ids":[3]}}},
             "decoder":{"type":"ByteLevel"},
             "model":{"type":"BPE","unk_token":null,"vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}
            """#
        let words = [
            "[", "]", "{", "}", "\"", "\\ud800", ",", "null", "-1", "4294967296",
            "9223372036854775807", "2",
        ]
        var refused = 0
        for bytes in Mutations(of: content.utf8, count: 3000, seed: 6, words: words) {
            do {
                let tokenizer = ByteLevelBPETokenizer(
                    try TokenizerDefinition(tokenizerJSON: Data(bytes))
                )
                let tokens = tokenizer.encode("ab<s> ba é", recognisingSpecialTokens: true)
                #expect(tokens.allSatisfy { (0..<Int32(tokenizer.vocabularySize)).contains($0) })
            } catch {
                #expect(error is HoneError)
                refused += 1
            }
        }
        #expect((1000..<3000).contains(refused))
    }

    @Test func `damaged templates are refused or render`() throws {
        let templates = try Fixture.lines("templates.jsonl", of: Fixture.TemplateCase.self)
        let words = [
            "{{", "}}", "{%", "%}", "{#", "-", "(", ")", "[", "]", "|", "~", "**", "//", "%",
            "9223372036854775807", "0", "-1",
            "range(", "loop.index", "[::-1]", "[:0]", " * 99999999", "namespace(", "is defined",
            "'", "\"", "|tojson",
        ]
        let messages = [
            ChatMessage(role: "user", content: "hé"), ChatMessage(role: "assistant", content: ""),
        ]
        var refused = 0
        for (index, template) in templates.enumerated() {
            let source = template.template.utf8.prefix(3000)
            for bytes in Mutations(of: source, count: 200, seed: UInt64(100 + index), words: words)
            {
                do {
                    _ = try ChatTemplate(String(decoding: bytes, as: UTF8.self)).render(
                        messages: messages,
                        addGenerationPrompt: true,
                        now: Date(timeIntervalSince1970: 0)
                    )
                } catch {
                    #expect(error is HoneError)
                    refused += 1
                }
            }
        }
        #expect(refused > 200)
    }
}
