import Domain
import Foundation
import Kernels
import Models
import TestSupport
import Testing
import Tokenizers

@testable import Training

@Suite struct `Models with random weights` {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func created(
        _ name: String,
        _ model: NewModel,
        tokenizerFolder: String? = nil
    ) throws -> ModelFolder {
        let path = folder.path + "/" + name
        let facts = try ModelCreation.create(model, tokenizerFolder: tokenizerFolder, at: path)
        let opened = try ModelFolder(path)
        #expect(opened.isMapped && facts.parameterCount == opened.weights.table.count)
        #expect(facts.configuration == opened.configuration && !facts.isRewardModel)
        return opened
    }

    private static let small = NewModel(
        tokenizer: "ascii",
        layerCount: 2,
        hiddenSize: 32,
        headCount: 4,
        keyValueHeadCount: 2,
        contextLength: 64,
        seed: 7
    )

    @Test func `equal seeds give equal weights, of the deviation that was asked for`() throws {
        let one = try created("one", Self.small)
        let same = try created("same", Self.small)
        var other = Self.small
        other.seed = 8
        let different = try created("other", other)
        let weights = one.weights.all.hostCopy()
        #expect(weights == same.weights.all.hostCopy())
        #expect(weights != different.weights.all.hostCopy())
        let embeddings = try #require(one.weights.tensor("model.embed_tokens.weight")).hostCopy()
        let squares = embeddings.reduce(0.0) { $0 + Double($1 * $1) }
        let deviation = (squares / Double(embeddings.count)).squareRoot()
        // 3,136 draws: the deviation of their deviation is 1.3 %.
        #expect(abs(deviation - 0.02) < 0.0015)
        #expect(one.weights.tensor("model.norm.weight")?.hostCopy().allSatisfy { $0 == 1 } == true)
        #expect(one.configuration.vocabularySize == 98 && one.configuration.contextLength == 64)
        #expect(one.configuration.intermediateSize == 96 && one.text.endTokens == [2])
    }

    @Test func `a tokenizer is learned from a text`() throws {
        let path = folder.path + "/text"
        try Data(String(repeating: "good bad ", count: 20).utf8)
            .write(to: URL(fileURLWithPath: path))
        var model = Self.small
        (model.tokenizer, model.tokenizerText, model.vocabularySize) = ("bytes", path, 1000)
        let learned = try created("learned", model)
        #expect((265..<1000).contains(learned.configuration.vocabularySize))
        #expect(learned.text.encode(text: " good bad", recognisingSpecialTokens: true).count == 2)
        model.tokenizerText = folder.path + "/absent"
        let error = #expect(throws: HoneError.self) { try created("absent", model) }
        #expect(error?.code == .notFound && error?.param == "tokenizer_text")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/absent"))
    }

    @Test func `the tokenizer of another model is shared`() throws {
        let tiny = try TinyModel()
        var model = Self.small
        model.tokenizer = "tiny"
        let shared = try created("shared", model, tokenizerFolder: tiny.path)
        let source = try ModelFolder(tiny.path)
        #expect(shared.configuration.vocabularySize == source.configuration.vocabularySize)
        #expect(shared.configuration.endTokenIDs == source.configuration.endTokenIDs)
        let (one, other) = (shared.text.tokenizer.definition, source.text.tokenizer.definition)
        #expect(one.tokens == other.tokens)
    }

    @Test func `it exports and learns as any other`() throws {
        let model = try created("model", Self.small)
        try ModelImport.exportModel(from: model.path, format: "gguf", to: folder.path + "/m.gguf")
        let back = try ModelFolder(folder.path + "/m.gguf")
        #expect(back.text.decode([34, 35]) == model.text.decode([34, 35]))
    }
}
