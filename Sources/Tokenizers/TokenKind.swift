/// What a token of the vocabulary is for; the raw values are GGUF's `tokenizer.ggml.token_type`.
public enum TokenKind: Int, Sendable, Hashable, CaseIterable {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
}
