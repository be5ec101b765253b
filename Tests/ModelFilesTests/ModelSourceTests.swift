import Domain
import Foundation
import ModelFiles
import Testing

@Suite struct ModelSourceTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a GGUF file and a Hugging Face folder hold the same model`() throws {
        let gguf = try ModelSource.open(fixture("tiny.gguf"))
        let folder = try ModelSource.open(fixture("tiny"))
        var expected = folder.configuration
        // GGUF has one end token where Hugging Face may have several.
        #expect(expected.endTokenIDs == [2, 3])
        expected.endTokenIDs = [2]
        #expect(gguf.configuration == expected)
        #expect(gguf.tensors.map(\.name) == folder.tensors.map(\.name))
        #expect(gguf.tensors.count == 21)
        for (left, right) in zip(gguf.tensors, folder.tensors) {
            let width = left.raw.shape.count == 2 ? left.raw.shape[1] : 1
            let (stored, wanted) = (try left.raw.floats, try right.raw.floats)
            for row in 0..<left.raw.shape[0] {
                let source = left.rowOrder.storedRow(row) * width
                #expect(stored[source..<source + width] == wanted[row * width..<(row + 1) * width])
            }
        }
    }

    @Test func `gives the tokenizer of either form`() throws {
        guard case .gguf(let tokenizer) = try ModelSource.open(fixture("tiny.gguf")).tokenizer
        else {
            Issue.record("no GGUF tokenizer")
            return
        }
        #expect(tokenizer.tokens == (0..<16).map { "t\($0)" })
        #expect(tokenizer.types == [3, 3, 3] + Array(repeating: 1, count: 13))
        #expect(tokenizer.merges == ["t 1", "t1 0"])
        #expect(tokenizer.preTokenizer == "smollm")
        #expect(tokenizer.beginTokenID == 1 && tokenizer.unknownTokenID == 0)
        #expect(tokenizer.addsBegin == false && tokenizer.chatTemplate == "{{ messages }}")
        guard case .huggingFace(let files) = try ModelSource.open(fixture("tiny")).tokenizer else {
            Issue.record("no Hugging Face tokenizer")
            return
        }
        #expect(
            try files.tokenizer
                == Data(contentsOf: URL(fileURLWithPath: fixture("tiny/tokenizer.json")))
        )
        #expect(files.configuration == nil)
    }

    @Test func `what is written as GGUF opens as the same model`() throws {
        let source = try ModelSource.open(fixture("tiny.gguf"))
        guard case .gguf(let tokenizer) = source.tokenizer else { return }
        let tensors = source.tensors.map {
            OutgoingTensor(copying: $0.raw, name: LlamaTensorNames.ggufName(huggingFace: $0.name))
        }
        let fields =
            GGUFConfiguration.fields(for: source.configuration, name: "n") + tokenizer.fields
        try GGUFWriter.write(fields: fields, tensors: tensors, to: scratch.file("x.gguf"))
        let copy = try ModelSource.open(scratch.file("x.gguf"))
        #expect(copy.configuration == source.configuration)
        guard case .gguf(let again) = copy.tokenizer else { return }
        #expect(again == tokenizer)
    }

    @Test(arguments: [ModelHead.language, .reward])
    func `what is written as a folder opens as the same model`(head: ModelHead) throws {
        let source = try ModelSource.open(fixture("tiny"))
        let folder = scratch.file("out")
        try AtomicDirectory.publish(at: folder) { staging in
            var tensors = source.tensors.map { OutgoingTensor(copying: $0.raw) }
            if head == .reward {
                tensors.removeAll { $0.name == "lm_head.weight" }
                tensors.append(outgoing("score.weight", [1, 8], Array(repeating: 1, count: 8)))
            }
            try SafetensorsWriter.write(tensors, to: staging + "/model.safetensors")
            try HuggingFaceConfiguration(model: source.configuration, head: head).write(
                folder: staging
            )
        }
        let copy = try ModelSource.open(folder)
        #expect(copy.configuration == source.configuration)
        #expect(copy.head == head)
        #expect(copy.tokenizer == nil)
        #expect(
            try ModelSource.open(folder + "/model.safetensors").tensors.count == copy.tensors.count
        )
        #expect(try scratch.names == ["out"])
        let again = failure { try AtomicDirectory.publish(at: folder) { _ in } }
        #expect(again?.code == .alreadyExists)
        #expect(try scratch.names == ["out"])
    }

    @Test(
        arguments: [
            (["model_type": "mamba"], ErrorCode.unsupportedModel, "mamba"),
            (
                ["architectures": ["LlamaForTokenClassification"]], .unsupportedModel,
                "LlamaForToken"
            ),
            (["architectures": ["LlamaForSequenceClassification"]], .unsupportedModel, "2 labels"),
            (["rope_scaling": ["rope_type": "llama3"]], .unsupportedModel, "llama3"),
            (["rope_parameters": ["rope_type": "yarn"]], .unsupportedModel, "yarn"),
            (["attention_bias": true], .unsupportedModel, "attention_bias"),
            (["mlp_bias": true], .unsupportedModel, "mlp_bias"),
            (["hidden_act": "gelu"], .unsupportedModel, "gelu"),
            (["hidden_size": nil], .invalidModelFile, "hidden_size"),
            (["hidden_size": 9], .invalidModelFile, "hidden_size 9"),
            (["num_key_value_heads": 3], .invalidModelFile, "evenly"),
            (["num_hidden_layers": 1_000_000], .invalidModelFile, "num_hidden_layers"),
            (["num_hidden_layers": 1], .unsupportedModel, "model.layers.1."),
            (["num_hidden_layers": 3], .invalidModelFile, "model.layers.2.input_layernorm.weight"),
            (
                ["intermediate_size": 15], .invalidModelFile,
                "mlp.gate_proj.weight\" has shape [16, 8]"
            ),
            (["eos_token_id": 16], .vocabularyMismatch, "special token 16"),
        ] as [([String: Value?], ErrorCode, String)]
    )
    func `refuses a configuration`(
        changes: [String: Value?],
        code: ErrorCode,
        problem: String
    ) throws {
        let folder = try scratch.tiny(configuring: changes)
        let error = failure { _ = try ModelSource.open(folder) }
        #expect(error?.code == code)
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "accepted")")
    }

    @Test func `reads rope theta from the newer place and token defaults`() throws {
        let changes: [String: Value?] = [
            "rope_parameters": ["rope_type": "default", "rope_theta": 5000.0],
            "tie_word_embeddings": true, "bos_token_id": nil, "pad_token_id": -1,
        ]
        let source = try ModelSource.open(scratch.tiny(configuring: changes))
        #expect(source.configuration.ropeTheta == 5000)
        #expect(source.configuration.beginTokenID == 1)
        #expect(source.configuration.padTokenID == nil)
        // The stored output matrix of a tied model is left out.
        #expect(source.tensors.count == 20)
    }

    @Test func `names the quantisation it cannot decode`() throws {
        let error = failure { _ = try ModelSource.open(fixture("q4k.gguf")) }
        #expect(error?.code == .unsupportedModel)
        #expect(error?.message.contains("Q4_K") == true, "\(error?.message ?? "accepted")")
    }

    /// The published model that the quick start uses, where a tester has it.
    private static let published = ProcessInfo.processInfo.environment["HONE_TEST_SMOLLM2_GGUF"]

    @Test(.enabled(if: published != nil)) func `opens the published SmolLM2 135M`() throws {
        let source = try ModelSource.open(try #require(Self.published))
        #expect(source.tensors.count == 272)
        #expect(source.configuration.layerCount == 30)
        #expect(source.configuration.hiddenSize == 576)
        #expect(source.configuration.tiesEmbeddings)
        #expect(source.tensors.reduce(0) { $0 + $1.raw.elementCount } == 134_515_008)
    }
}
