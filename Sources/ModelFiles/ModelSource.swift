public import Domain

/// A model on disk: its configuration and every tensor it needs, checked, and its tokenizer's files,
/// which the tokenizer checks.
public struct ModelSource: Sendable {
    /// The file or folder it was opened at.
    public let path: String
    /// The sizes and token ids.
    public let configuration: ModelConfiguration
    /// `.reward` when the model has `score.weight`.
    public let head: ModelHead
    /// All tensors of `LlamaTensorTable` for the configuration and head, in its order.
    public let tensors: [ModelTensor]
    /// `nil` when there is none beside the weights.
    public let tokenizer: TokenizerSource?

    /// Opens a GGUF file, a Hugging Face folder, or one `.safetensors` file beside its `config.json`.
    ///
    /// Nothing is copied: the tensors are views of mapped files.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` for damaged files and for missing, misshapen or
    ///   unknown tensors, naming them; `.unsupportedModel` for what Hone cannot run or decode;
    ///   `.vocabularyMismatch` for a special token that has no embedding row.
    public static func open(_ path: String) throws -> ModelSource {
        switch kind(of: path) {
        case .missing:
            throw FileFailure.invalid(
                path,
                "does not exist; give a GGUF file or a Hugging Face folder"
            )
        case .folder:
            return try openFolder(path, listing: SafetensorsFile.openFolder(path), path: path)
        case .file where path.hasSuffix(".safetensors"):
            let listing = try SafetensorsFile.open(path)
            return try openFolder(parentFolder(of: path), listing: listing, path: path)
        case .file where try isGGUF(path):
            return try openGGUF(path)
        case .file, .other:
            throw FileFailure.invalid(
                path,
                "is neither a GGUF file, a .safetensors file nor a Hugging Face folder"
            )
        }
    }

    private static func isGGUF(_ path: String) throws -> Bool {
        let file = try MappedFile(path: path)
        guard file.count >= 4 else { return false }
        return try file.withUnsafeBytes(in: 0..<4) {
            UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) == GGUFFile.magic
        }
    }

    private static func openFolder(
        _ folder: String,
        listing: @autoclosure () throws -> TensorListing,
        path: String
    ) throws -> ModelSource {
        let configuration = try HuggingFaceConfiguration.read(folder: folder)
        let files = try HuggingFaceTokenizerFiles(folder: folder)
        return try ModelSource(
            path: path,
            configuration: configuration,
            collector: TensorCollector(path: path, huggingFace: listing()),
            tokenizer: files.map(TokenizerSource.huggingFace)
        )
    }

    private static func openGGUF(_ path: String) throws -> ModelSource {
        let file = try GGUFFile.open(path)
        let model = try GGUFConfiguration.read(file)
        let tokenizer = try GGUFTokenizer(file)
        return try ModelSource(
            path: path,
            configuration: HuggingFaceConfiguration(model: model),
            collector: TensorCollector(path: path, gguf: file.listing, model: model),
            tokenizer: tokenizer.map(TokenizerSource.gguf)
        )
    }

    private init(
        path: String,
        configuration: HuggingFaceConfiguration,
        collector: TensorCollector,
        tokenizer: TokenizerSource?
    ) throws {
        self.path = path
        self.configuration = configuration.model
        self.tokenizer = tokenizer
        // A reward head may sit on a model whose configuration still says it is a language model.
        head = collector.holds(LlamaTensorTable.scoreName) ? .reward : configuration.head
        tensors = try collector.collect(
            LlamaTensorTable.tensors(of: configuration.model, head: head)
        )
    }
}
