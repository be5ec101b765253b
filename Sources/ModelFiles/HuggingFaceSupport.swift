internal import Domain

/// Which features of a `config.json` Hone runs, and the refusals of those it does not.
enum HuggingFaceSupport {
    static let languageArchitecture = "LlamaForCausalLM"
    static let rewardArchitecture = "LlamaForSequenceClassification"

    /// Refuses every feature that would change the numbers and is not built.
    static func check(_ value: Value, path: String) throws {
        guard value.objectValue != nil else {
            throw FileFailure.invalid(path, "must be an object, not \(value.kindName)")
        }
        func refuse(_ feature: String) throws -> Never {
            throw FileFailure.unsupported(
                path,
                "\(feature) is not supported; Hone runs Llama models"
            )
        }
        switch value["model_type"] {
        case .string("llama"): break
        case .string(let other): try refuse("model_type \"\(other)\"")
        default: throw FileFailure.invalid(path, "$.model_type: is required")
        }
        for name in ["attention_bias", "mlp_bias", "rope_interleaved"] where value[name] == true {
            try refuse("\(name) true")
        }
        if let activation = value["hidden_act"], activation != .null, activation != "silu" {
            try refuse("hidden_act \(word(activation))")
        }
        if let quantization = value["quantization_config"], quantization != .null {
            try refuse(
                "quantization_config (method \(word(quantization["quant_method"] ?? .null)))"
            )
        }
        for name in ["rope_scaling", "rope_parameters"] {
            guard let rope = value[name], rope != .null else { continue }
            guard rope.objectValue != nil else {
                throw FileFailure.invalid(
                    path,
                    "$.\(name): must be an object, not \(rope.kindName)"
                )
            }
            let type = rope["rope_type"] ?? rope["type"] ?? "default"
            guard type == "default" else { try refuse("\(name) of type \(word(type))") }
        }
        try checkRopeFraction(value, path: path)
    }

    /// Which head the architecture has.
    static func head(_ value: Value, path: String) throws -> ModelHead {
        let names = value["architectures"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if names.isEmpty || names.contains(languageArchitecture) { return .language }
        guard names.contains(rewardArchitecture) else {
            throw FileFailure.unsupported(
                path,
                "architecture \"\(names[0])\" is not supported; it must be \(languageArchitecture) "
                    + "or \(rewardArchitecture)"
            )
        }
        // Without id2label transformers takes two labels.
        let labels =
            value["id2label"]?.objectValue?.count ?? value["num_labels"]?.integerValue ?? 2
        guard labels == 1 else {
            throw FileFailure.unsupported(
                path,
                "a classifier of \(labels) labels is not supported; a reward model has num_labels 1"
            )
        }
        return .reward
    }

    private static func checkRopeFraction(_ value: Value, path: String) throws {
        let rope = HuggingFaceConfiguration.ropeParameters(value)
        for place in [value, rope].compactMap({ $0 }) {
            if let fraction = place["partial_rotary_factor"]?.doubleValue, fraction != 1 {
                throw FileFailure.unsupported(
                    path,
                    "partial_rotary_factor \(fraction) is not supported"
                )
            }
        }
        if let theta = rope?["rope_theta"]?.doubleValue, !NumericRange.positive.contains(theta) {
            throw FileFailure.invalid(
                path,
                "$.rope_parameters.rope_theta: must be positive, not \(theta)"
            )
        }
    }

    private static func word(_ value: Value) -> String {
        value.stringValue.map { "\"\($0)\"" } ?? value.kindName
    }
}
