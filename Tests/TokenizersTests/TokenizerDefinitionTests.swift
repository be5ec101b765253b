import Domain
import Foundation
import Testing
import Tokenizers

@Suite struct TokenizerDefinitionTests {
    @Test(arguments: Fixture.rules)
    func `is the same after writing and reading`(rule: String) throws {
        var definition = try Fixture.definition(rule)
        definition.endTokenID = 2
        definition.chatTemplate = "{{ \"a\\\\b\" }}\n\u{1}é"
        let back = try TokenizerDefinition(
            tokenizerJSON: definition.tokenizerJSON(),
            configJSON: definition.tokenizerConfigJSON()
        )
        #expect(back == definition)
        #expect(back.ggufPreTokenizerName == rule)
    }

    @Test(arguments: Fixture.rules)
    func `reads the same tokenizer from GGUF metadata`(rule: String) throws {
        let definition = try Fixture.definition(rule)
        var metadata = TokenizerDefinition.GGUFMetadata(
            model: "gpt2",
            tokens: definition.tokens,
            merges: definition.mergeStrings,
            tokenTypes: definition.tokenKinds.map(\.rawValue)
        )
        metadata.preTokenizerName = rule
        metadata.beginTokenID = 0
        metadata.endTokenID = 2
        metadata.additionalEndTokenIDs = [1]
        let read = try TokenizerDefinition(gguf: metadata)
        #expect(read.merges == definition.merges)
        #expect(read.preTokenization == definition.preTokenization)
        #expect(read.addsBeginToken == (rule == "llama-bpe"))
        let tokenizer = ByteLevelBPETokenizer(read)
        #expect(tokenizer.endTokenIDs == [1, 2])
        let text = "It's 12345 dogs\n<|im_end|>"
        let expected = ByteLevelBPETokenizer(definition)
        #expect(
            tokenizer.encode(text, recognisingSpecialTokens: true)
                == expected.encode(text, recognisingSpecialTokens: true)
        )
    }

    @Test func `takes special tokens and the template from the config files`() throws {
        let config = #"""
            {"bos_token":{"content":"<|im_start|>","lstrip":false},"pad_token":null,
             "chat_template":[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]}
            """#
        let map = #"{"eos_token":"<|im_end|>"}"#
        let json = try Fixture.data("smollm.tokenizer.json")
        let definition = try TokenizerDefinition(
            tokenizerJSON: json,
            configJSON: Data(config.utf8),
            specialTokensMapJSON: Data(map.utf8)
        )
        #expect(definition.beginTokenID == 1)
        #expect(definition.endTokenID == 2)
        #expect(definition.paddingTokenID == nil)
        #expect(definition.chatTemplate == "d")
    }

    @Test func `puts the tokens of the post-processor around a text`() throws {
        #expect(try Fixture.definition("llama-bpe").prefixTokenIDs == [0])
        #expect(try Fixture.definition("smollm").prefixTokenIDs == [])
    }

    @Test(arguments: [
        (["model", "vocab"], Value.object(["a": -1]), "model.vocab"),
        (["model", "vocab"], .string("x"), "model.vocab"),
        (["model", "merges"], .array(["a nosuchtoken"]), "model.merges[0]"),
        (["model", "merges"], .array(["ab"]), "model.merges[0]"),
        (["model", "merges"], .array([["a"]]), "model.merges[0]"),
        (["added_tokens"], .array([["id": 99999, "content": "x"]]), "added_tokens"),
        (["added_tokens"], .array([["id": 5, "content": "x"]]), "added_tokens"),
    ])
    func `names the field of a bad file`(path: [String], value: Value, field: String) throws {
        let error = Fixture.error { _ = try Fixture.definition(changing: path, to: value) }
        #expect(error?.code == .invalidModelFile)
        #expect(error?.param?.contains(field) == true, "\(String(describing: error))")
    }

    @Test func `refuses vocabularies with holes and without tokens`() {
        func param(_ vocabulary: String, _ added: String) -> String? {
            let json = """
                {"model":{"type":"BPE","vocab":\(vocabulary),"merges":[]},"added_tokens":\(added),
                 "pre_tokenizer":{"type":"ByteLevel"},"decoder":{"type":"ByteLevel"}}
                """
            return Fixture.error { _ = try TokenizerDefinition(tokenizerJSON: Data(json.utf8)) }?
                .param
        }
        #expect(param(#"{"a":0}"#, #"[{"id":1,"content":"b"}]"#) == nil)
        #expect(param("{}", "[]") == "model.vocab")
        #expect(param(#"{"a":0,"b":2}"#, "[]") == "model.vocab")
        #expect(param(#"{"a":0,"b":0}"#, "[]") == "model.vocab")
        let sameTwice = #"[{"id":2,"content":"c"},{"id":2,"content":"c"}]"#
        #expect(param(#"{"a":0}"#, sameTwice) == "model.vocab")
    }

    @Test(arguments: [
        (["model", "type"], Value.string("Unigram"), "Unigram"),
        (["model", "byte_fallback"], true, "byte_fallback"),
        (["normalizer"], .object(["type": "Lowercase"]), "Lowercase"),
        (["pre_tokenizer"], .object(["type": "Whitespace"]), "Whitespace"),
        (["decoder"], .object(["type": "WordPiece"]), "WordPiece"),
        (["post_processor"], .object(["type": "BertProcessing"]), "BertProcessing"),
        (
            ["pre_tokenizer"],
            .object([
                "type": "Split", "behavior": "Isolated", "invert": false,
                "pattern": .object(["Regex": "[xyz]+"]),
            ]), "[xyz]+"
        ),
    ])
    func `refuses by name what it cannot reproduce`(path: [String], value: Value, name: String) {
        let error = Fixture.error { _ = try Fixture.definition(changing: path, to: value) }
        #expect(error?.code == .unsupportedModel)
        #expect(error?.message.contains(name) == true)
    }

    @Test func `refuses what is not JSON`() {
        let error = Fixture.error { _ = try TokenizerDefinition(tokenizerJSON: Data("{\"a".utf8)) }
        #expect(error?.code == .invalidModelFile)
    }

    @Test func `refuses GGUF metadata that does not fit together`() {
        func param(_ change: (inout TokenizerDefinition.GGUFMetadata) -> Void) -> String? {
            var metadata = TokenizerDefinition.GGUFMetadata(
                model: "gpt2",
                tokens: ["a", "b", "ab"],
                merges: ["a b"]
            )
            change(&metadata)
            return Fixture.error { _ = try TokenizerDefinition(gguf: metadata) }?.param
        }
        #expect(param { _ in } == nil)
        #expect(param { $0.model = "llama" } == "tokenizer.ggml.model")
        #expect(param { $0.preTokenizerName = "nosuch" } == "tokenizer.ggml.pre")
        #expect(param { $0.tokenTypes = [1] } == "tokenizer.ggml.token_type")
        #expect(param { $0.tokenTypes = [1, 1, 9] } == "tokenizer.ggml.token_type[2]")
        #expect(param { $0.merges = ["a c"] } == "tokenizer.ggml.merges[0]")
        #expect(param { $0.merges = ["a b c"] } == "tokenizer.ggml.merges[0]")
        #expect(param { $0.endTokenID = 3 } == "eos_token")
        #expect(param { $0.tokens = [] } == "tokenizer.ggml.tokens")
    }
}
