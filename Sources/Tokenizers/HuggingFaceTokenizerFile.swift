/// The parts of a Hugging Face `tokenizer.json` that a byte-level BPE tokenizer is made of, its
/// vocabulary and merges aside (`HuggingFaceTokenizerText`).
///
/// Fields that change ids and are not supported are read too, so that they can be refused.
struct HuggingFaceTokenizerFile: Decodable {
    struct Added: Decodable {
        var id: Int
        var content: String
        var special: Bool?
        var lstrip: Bool?
        var rstrip: Bool?
        var normalized: Bool?
        var single_word: Bool?
    }

    struct Model: Decodable {
        var type: String?
        var dropout: Double?
        var unk_token: String?
        var continuing_subword_prefix: String?
        var end_of_word_suffix: String?
        var fuse_unk: Bool?
        var byte_fallback: Bool?
        var ignore_merges: Bool?
    }

    /// The name of a component before its own fields are read.
    struct Kind: Decodable {
        var type: String
    }

    struct PreTokenizer: Decodable {
        struct Pattern: Decodable {
            var Regex: String?
            var String: Swift.String?
        }

        var type: String
        var pretokenizers: [PreTokenizer]?
        var individual_digits: Bool?
        var pattern: Pattern?
        var behavior: String?
        var invert: Bool?
        var add_prefix_space: Bool?
        var use_regex: Bool?
    }

    struct Normalizer: Decodable {
        var type: String
        var normalizers: [Normalizer]?
    }

    struct PostProcessor: Decodable {
        struct Piece: Decodable {
            struct Name: Decodable { var id: String }
            var SpecialToken: Name?
            var Sequence: Name?
        }

        struct Special: Decodable { var ids: [Int] }

        var type: String
        var processors: [PostProcessor]?
        var single: [Piece]?
        var special_tokens: [String: Special]?
    }

    var model: Model
    var added_tokens: [Added]?
    var normalizer: Normalizer?
    var pre_tokenizer: PreTokenizer?
    var decoder: Kind?
    var post_processor: PostProcessor?
}

/// The parts of `tokenizer_config.json` and `special_tokens_map.json` that are read.
struct HuggingFaceTokenizerConfig: Decodable {
    /// A token by its text, alone or in an object.
    enum Token: Decodable {
        case text(String)

        private struct Object: Decodable { var content: String }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .text(try container.decode(Object.self).content)
            }
        }

        var content: String {
            switch self {
            case .text(let text): text
            }
        }
    }

    /// One template, or several by name of which `default` counts.
    enum Template: Decodable {
        case text(String)

        private struct Named: Decodable {
            var name: String
            var template: String
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
                return
            }
            let all = try container.decode([Named].self)
            let chosen = all.first { $0.name == "default" } ?? all.first
            self = .text(chosen?.template ?? "")
        }

        var content: String {
            switch self {
            case .text(let text): text
            }
        }
    }

    var bos_token: Token?
    var eos_token: Token?
    var pad_token: Token?
    var unk_token: Token?
    var add_bos_token: Bool?
    var add_eos_token: Bool?
    var chat_template: Template?
}
