internal import Domain
public import FoundationEssentials

/// A model's tokenizer as its files hold it, for the tokenizer to build itself from.
public enum TokenizerSource: Sendable {
    case gguf(GGUFTokenizer)
    case huggingFace(HuggingFaceTokenizerFiles)
}

/// The tokenizer files of a Hugging Face folder, unparsed.
public struct HuggingFaceTokenizerFiles: Sendable {
    /// `tokenizer.json`.
    public var tokenizer: Data
    /// `tokenizer_config.json`.
    public var configuration: Data?
    /// `special_tokens_map.json`.
    public var specialTokens: Data?
    /// `chat_template.jinja`.
    public var chatTemplate: Data?

    /// Reads what there is in `folder`; `nil` when it has no `tokenizer.json`.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` naming the file at fault.
    public init?(folder: String) throws {
        func content(_ name: String) throws -> Data? {
            let path = joinPath(folder, name)
            return kind(of: path) == .file ? try readData(at: path, limit: 1 << 28) : nil
        }
        guard let tokenizer = try content("tokenizer.json") else { return nil }
        self.tokenizer = tokenizer
        configuration = try content("tokenizer_config.json")
        specialTokens = try content("special_tokens_map.json")
        chatTemplate = try content("chat_template.jinja")
    }
}
