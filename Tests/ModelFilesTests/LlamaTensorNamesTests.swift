import Domain
import ModelFiles
import Testing

@Suite struct LlamaTensorNamesTests {
    @Test func `every name of the table maps to GGUF and back`() {
        let model = ModelConfiguration(
            vocabularySize: 16,
            hiddenSize: 8,
            intermediateSize: 16,
            layerCount: 12,
            headCount: 2,
            keyValueHeadCount: 1,
            contextLength: 64,
            tiesEmbeddings: false
        )
        let heads = ModelHead.allCases.flatMap { LlamaTensorTable.tensors(of: model, head: $0) }
        for name in Set(heads.map(\.name)) {
            let gguf = LlamaTensorNames.ggufName(huggingFace: name)
            #expect(gguf.flatMap { LlamaTensorNames.huggingFaceName(gguf: $0) } == name)
        }
        #expect(
            LlamaTensorNames.huggingFaceName(gguf: "blk.11.attn_output.weight")
                == "model.layers.11.self_attn.o_proj.weight"
        )
    }

    @Test(arguments: [
        "blk.01.attn_q.weight", "blk..attn_q.weight", "blk.1.attn_q.bias", "x", "blk.",
    ])
    func `refuses what is no Llama tensor`(name: String) {
        #expect(LlamaTensorNames.huggingFaceName(gguf: name) == nil)
    }

    @Test func `query rows of two heads of six channels interleave their halves`() {
        // numpy: arange(12).reshape(2, 2, 3).swapaxes(1, 2).ravel()
        let stored = [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
        for (row, original) in stored.enumerated() {
            #expect(
                RotaryRowOrder.huggingFaceRow(gguf: row, headCount: 2, headSize: 6) == original
            )
            #expect(RotaryRowOrder.ggufRow(huggingFace: original, headCount: 2, headSize: 6) == row)
        }
    }
}
