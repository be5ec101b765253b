import Foundation

/// A fixture's weights and configuration as a Hugging Face folder with a tokenizer of 97 tokens:
/// three special ones and a token for each printable ASCII character but the space.
public enum TinyModelFolder {
    /// Characters that tokens 3 to 96 stand for.
    public static let alphabet = (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }.joined()

    /// Writes the folder.
    public static func write(
        _ fixture: String = "tiny-llama-tied",
        hasChatTemplate: Bool = true,
        to path: String
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for file in ["model.safetensors", "config.json"] {
            try Fixtures.data("\(fixture)/\(file)")
                .write(to: URL(fileURLWithPath: "\(path)/\(file)"))
        }
        try write(tokenizer, to: path + "/tokenizer.json")
        var settings = ["bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"]
        settings["chat_template"] = hasChatTemplate ? template : nil
        try write(settings, to: path + "/tokenizer_config.json")
    }

    /// ChatML with brackets for its special tokens.
    private static let template =
        "{% for message in messages %}[{{ message['role'] }}:{{ message['content'] }}]{% endfor %}"
        + "{% if add_generation_prompt %}[assistant:{% endif %}"

    private static func write(_ json: Any, to path: String) throws {
        try JSONSerialization.data(withJSONObject: json).write(to: URL(fileURLWithPath: path))
    }

    private static var tokenizer: [String: Any] {
        let special = ["<pad>", "<s>", "</s>"]
        var vocabulary = Dictionary(uniqueKeysWithValues: special.enumerated().map { ($1, $0) })
        for (index, character) in alphabet.enumerated() {
            vocabulary[String(character)] = 3 + index
        }
        let byteLevel: [String: Any] = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        return [
            "version": "1.0",
            "added_tokens": special.enumerated().map { id, content in
                ["id": id, "content": content, "special": true, "normalized": false]
                    as [String: Any]
            },
            "pre_tokenizer": byteLevel, "decoder": byteLevel,
            "model": ["type": "BPE", "vocab": vocabulary, "merges": [String]()] as [String: Any],
        ]
    }
}
