import Domain
import Foundation
import Kernels
import ModelFiles
import Models
import Testing

@testable import Training

@Suite struct `Import and export` {
    private func expectSame(_ left: ModelFolder, _ right: ModelFolder) {
        #expect(left.weights.table.entries == right.weights.table.entries)
        for entry in left.weights.table.entries {
            let (one, other) = (left.weights.tensor(entry), right.weights.tensor(entry))
            #expect(one.hostCopy() == other.hostCopy(), "\(entry.name)")
        }
        let text = "{\"a\":[1,2]}~<s>x</s>"
        let tokens = left.text.encode(text: text, recognisingSpecialTokens: true)
        #expect(tokens == right.text.encode(text: text, recognisingSpecialTokens: true))
        #expect(left.text.decode(tokens) == text && right.text.decode(tokens) == text)
        #expect(left.text.endTokens == right.text.endTokens)
        var (a, b) = (left.configuration, right.configuration)
        // GGUF has floats for the constants.
        #expect(abs(a.normEpsilon - b.normEpsilon) < 1e-11 && abs(a.ropeTheta - b.ropeTheta) < 1e-3)
        (a.normEpsilon, a.ropeTheta) = (b.normEpsilon, b.ropeTheta)
        #expect(a == b)
    }

    @Test(arguments: TinyModel.names, ["hf", "gguf"])
    func `an exported model opens with the same weights`(name: String, format: String) throws {
        let model = try TinyModel(name)
        let path = model.beside(format == "hf" ? "exported" : "exported.gguf")
        try ModelImport.exportModel(from: model.path, format: format, to: path)
        let (original, exported) = (try ModelFolder(model.path), try ModelFolder(path))
        expectSame(exported, original)
        // Query and key rows lie in another order in GGUF: only folders can be mapped.
        #expect(exported.isMapped == (format == "hf"))
    }

    @Test(arguments: TinyModel.names)
    func `a GGUF file is imported as a folder that is mapped`(name: String) throws {
        let model = try TinyModel(name)
        let (file, folder) = (model.beside("model.gguf"), model.beside("imported"))
        try ModelImport.exportModel(from: model.path, format: "gguf", to: file)
        let facts = try ModelImport.importModel(from: file, to: folder)
        let imported = try ModelFolder(folder)
        expectSame(imported, try ModelFolder(model.path))
        #expect(imported.isMapped)
        #expect(facts.parameterCount == imported.weights.table.count)
        #expect(facts.byteCount > 4 * facts.parameterCount)
        #expect(facts.sourceType == "F32" && !facts.isRewardModel)
    }

    @Test func `a format that there is not is refused`() throws {
        let model = try TinyModel()
        let error = #expect(throws: HoneError.self) {
            try ModelImport.exportModel(from: model.path, format: "onnx", to: model.beside("out"))
        }
        #expect(error?.code == .invalidRequest && error?.param == "format")
        #expect(!FileManager.default.fileExists(atPath: model.beside("out")))
    }

    @Test func `a model cut short anywhere is refused`() throws {
        let model = try TinyModel()
        let gguf = model.beside("model.gguf")
        try ModelImport.exportModel(from: model.path, format: "gguf", to: gguf)
        for path in [model.path + "/model.safetensors", gguf] {
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in [0, 3, 8, 100, whole.count / 4, whole.count / 2, whole.count - 1] {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(throws: HoneError.self, "\(path) of \(length) bytes") {
                    try ModelFolder(path == gguf ? gguf : model.path)
                }
            }
        }
    }

    @Test(arguments: [
        ("vocab_size", 96), ("vocab_size", 98), ("hidden_size", 64), ("intermediate_size", 63),
        ("num_hidden_layers", 3), ("num_hidden_layers", 0), ("num_attention_heads", 3),
        ("num_key_value_heads", 3), ("num_key_value_heads", 0), ("head_dim", 0),
        ("hidden_size", Int.max), ("vocab_size", -1),
    ])
    func `a configuration that does not fit the weights is refused`(key: String, value: Int) throws
    {
        let model = try TinyModel()
        let url = URL(fileURLWithPath: model.path + "/config.json")
        var fields = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
        )
        fields[key] = value
        try JSONSerialization.data(withJSONObject: fields).write(to: url)
        #expect(throws: HoneError.self) { try ModelFolder(model.path) }
        #expect(throws: HoneError.self) { try model.session() }
    }

    @Test(arguments: ["config.json", "model.safetensors", "tokenizer.json"])
    func `a missing or damaged file is refused by name`(name: String) throws {
        let model = try TinyModel()
        let path = model.path + "/" + name
        try Data("{ not json".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: HoneError.self) { try ModelFolder(model.path) }
        try FileManager.default.removeItem(atPath: path)
        let error = #expect(throws: HoneError.self) { try ModelFolder(model.path) }
        #expect(error.map { $0.message.contains(model.path) } == true)
    }

    @Test func `a failed import leaves nothing behind`() throws {
        let model = try TinyModel()
        try Data("junk".utf8).write(to: URL(fileURLWithPath: model.path + "/model.safetensors"))
        #expect(throws: HoneError.self) {
            try ModelImport.importModel(from: model.path, to: model.beside("imported"))
        }
        #expect(!FileManager.default.fileExists(atPath: model.beside("imported")))
    }
}
