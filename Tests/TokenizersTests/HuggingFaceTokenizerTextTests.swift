import Domain
import Foundation
import Testing
import Tokenizers

/// The vocabulary and merges of a `tokenizer.json`, which are read byte by byte.
@Suite struct HuggingFaceTokenizerTextTests {
    private static func json(
        vocabulary: String = #"{"a":0,"b":1,"ab":2}"#,
        merges: String = #"["a b"]"#
    ) -> String {
        """
        {"version":"1.0", "added_tokens":[],
         "model" : {"type":"BPE","dropout":null,"vocab":\(vocabulary),"merges":\(merges)} ,
         "pre_tokenizer":{"type":"ByteLevel"},"decoder":{"type":"ByteLevel"}}
        """
    }

    private static func read(_ json: some Sequence<UInt8>) throws -> TokenizerDefinition {
        try TokenizerDefinition(tokenizerJSON: Data(json))
    }

    @Test func `reads escapes as the characters they stand for`() throws {
        let vocabulary = #"""
            { "\"" : 0 , "\\":1,"\/":2,"\b\f\n\r\t":3,"\u00e9\u20AC":4,"\ud83D\uDE00!":5,
              "\u00E9":6,"e\u0301":7 }
            """#
        let definition = try Self.read(Self.json(vocabulary: vocabulary, merges: "[]").utf8)
        let expected = ["\"", "\\", "/", "\u{8}\u{C}\n\r\t", "é€", "😀!", "\u{E9}", "e\u{301}"]
        // Byte by byte: the last two are one character to Unicode, and two tokens.
        #expect(definition.tokens.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test(arguments: [#"["a b"]"#, #"[["a","b"]]"#, #"[ [ "a" , "\u0062" ] ]"#])
    func `reads both spellings of merges`(merges: String) throws {
        let definition = try Self.read(Self.json(merges: merges).utf8)
        #expect(definition.merges == [TokenMerge(left: 0, right: 1, result: 2)])
        #expect(definition.mergeStrings == ["a b"])
    }

    @Test func `every truncation is an error`() throws {
        let whole = Array(Self.json().utf8)
        _ = try Self.read(whole)
        for count in whole.indices {
            let error = Fixture.error { _ = try Self.read(whole.prefix(count)) }
            #expect(error?.code == .invalidModelFile, "cut to \(count) bytes")
        }
    }

    @Test(arguments: [
        (#"{"a":0,}"#, "byte"), (#"{"a" 0}"#, "byte"), (#"{"a":0"b":1}"#, "byte"),
        (#"{"a\q":0}"#, "escape"), (#"{"\ud83d":0}"#, "surrogate"),
        (#"{"\u00g0":0}"#, "hexadecimal"),
        ("{\"a\u{1}\":0}", "control"), (#"{"a":0.5}"#, "whole number"),
        (#"{"a":1e0}"#, "whole number"),
        (#"{"a":"0"}"#, "whole number"), (#"{"a":00}"#, "whole number"),
        (#"{"a":-}"#, "whole number"),
        (#"{"a":99999999999999999999}"#, "whole number"), (#"{"a":-1}"#, "id -1"),
        (#"{"a":0,"b":1,"a":2}"#, "more than one id"), (#"[]"#, "object of tokens"),
        (#"{"a":0},"vocab":{"a":0}"#, "twice"),
    ])
    func `refuses a damaged vocabulary with the reason`(vocabulary: String, reason: String) {
        let json = Self.json(vocabulary: vocabulary, merges: "[]")
        let error = Fixture.error { _ = try Self.read(json.utf8) }
        #expect(error?.code == .invalidModelFile)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "accepted")")
    }

    @Test(arguments: [
        "{}", #"["a  b"]"#, #"[" b"]"#, #"["a "]"#, #"["a b c"]"#, "[1]", "[[]]", #"[["a"]]"#,
        #"[["a","b","ab"]]"#, #"[["a",1]]"#, #"[["a","b"]"#, #"["a c"]"#,
    ])
    func `refuses damaged merges`(merges: String) {
        let error = Fixture.error { _ = try Self.read(Self.json(merges: merges).utf8) }
        #expect(error?.code == .invalidModelFile)
    }

    @Test func `refuses bytes that are not UTF-8 and text after the end`() {
        var bytes = Array(Self.json().utf8)
        if let place = bytes.firstIndex(of: UInt8(ascii: "b")) { bytes[place] = 0xFF }
        let whole = Array(Self.json().utf8)
        for damaged in [bytes, whole + whole, whole + [UInt8(ascii: "x")]] {
            let error = Fixture.error { _ = try Self.read(damaged) }
            #expect(error?.code == .invalidModelFile)
        }
    }

    @Test func `refuses more tokens than the model has rows for`() throws {
        let json = Data(Self.json().utf8)
        _ = try TokenizerDefinition(tokenizerJSON: json, embeddingRows: 3)
        let error = Fixture.error {
            _ = try TokenizerDefinition(tokenizerJSON: json, embeddingRows: 2)
        }
        #expect(error?.code == .vocabularyMismatch)
        #expect(error?.message.contains("3 tokens") == true)
        let metadata = TokenizerDefinition.GGUFMetadata(
            model: "gpt2",
            tokens: ["a", "b", "ab"],
            merges: ["a b"]
        )
        _ = try TokenizerDefinition(gguf: metadata, embeddingRows: 3)
        let refusal = Fixture.error {
            _ = try TokenizerDefinition(gguf: metadata, embeddingRows: 2)
        }
        #expect(refusal?.code == .vocabularyMismatch)
    }
}
