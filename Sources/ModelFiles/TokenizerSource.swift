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
        func content(_ name: String, limit: Int) throws -> Data? {
            try SmallFile.content(of: joinPath(folder, name), limit: limit)
        }
        func settings(_ name: String) throws -> Data? {
            let data = try content(name, limit: 16 << 20)
            if let problem = data.flatMap({ JSONCheck.problem(in: $0) }) {
                throw FileFailure.invalid(
                    joinPath(folder, name),
                    "is not the JSON it should be: \(problem)"
                )
            }
            return data
        }
        // Its vocabulary is read byte by byte, and checked on the way.
        guard let tokenizer = try content("tokenizer.json", limit: 1 << 27) else { return nil }
        self.tokenizer = tokenizer
        configuration = try settings("tokenizer_config.json")
        specialTokens = try settings("special_tokens_map.json")
        chatTemplate = try content("chat_template.jinja", limit: 1 << 20)
    }
}
