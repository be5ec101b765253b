/// The regular expressions that published tokenizers cut text by; each has a scanner of its own.
public enum SplitPattern: Sendable, Hashable, CaseIterable {
    /// GPT-2: contractions, letters, numbers, the rest, each with one space before it.
    case gpt2
    /// Llama 3 and GPT-4: numbers in threes, any one sign before letters, line ends apart.
    case llama3
    /// Qwen2: as Llama 3's with each number alone.
    case qwen2
    /// Runs of numbers.
    case numbers
    /// Three ASCII digits.
    case digitTriples
    /// Runs of punctuation and of the signs `$+<=>^~|`.
    case punctuation

    /// The expression as tokenizer files spell it.
    public var expression: String {
        switch self {
        case .gpt2:
            #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        case .llama3:
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"#
                + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        case .qwen2:
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"#
                + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        case .numbers: #"\p{N}+"#
        case .digitTriples: "[0-9][0-9][0-9]"
        case .punctuation: #"[\p{P}\$\+<=>\^~\|]+"#
        }
    }

    /// Other spellings of the same expressions, found in published files.
    private var spellings: [String] {
        switch self {
        case .gpt2:
            [
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#,
            ]
        case .llama3:
            [
                #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"#
                    + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#,
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}|"#
                    + #" ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#,
            ]
        default: []
        }
    }

    /// Whether every part of a text belongs to some match.
    var coversEverything: Bool {
        switch self {
        case .gpt2, .llama3, .qwen2: true
        case .numbers, .digitTriples, .punctuation: false
        }
    }

    /// The pattern that a file spells so; `nil` where no scanner exists for it.
    public init?(expression: String) {
        let found = Self.allCases.first {
            $0.expression == expression || $0.spellings.contains(expression)
        }
        guard let found else { return nil }
        self = found
    }
}
