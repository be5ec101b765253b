internal import Domain

/// Matches the tensors of a model's files with those its configuration asks for.
struct TensorCollector {
    private let path: String
    private var found: [String: ModelTensor] = [:]
    /// Names as the file spells them, of tensors with no place in a Llama.
    private var unknown: [String] = []
    private var unreadable: [UnreadableTensor]

    /// Tensors that go by Hugging Face's names.
    init(path: String, huggingFace listing: TensorListing) throws {
        self.path = path
        unreadable = listing.unreadable
        for raw in listing.tensors
        where found.updateValue(
            ModelTensor(name: raw.name, raw: raw, rowOrder: .asStored),
            forKey: raw.name
        ) != nil {
            throw FileFailure.invalid(path, "tensor \"\(raw.name)\" occurs twice")
        }
    }

    /// Tensors that go by GGUF's names, with query and key rows interleaved.
    init(path: String, gguf listing: TensorListing, model: ModelConfiguration) {
        self.path = path
        unreadable = listing.unreadable
        for raw in listing.tensors {
            guard let name = LlamaTensorNames.huggingFaceName(gguf: raw.name) else {
                unknown.append(raw.name)
                continue
            }
            let order = Self.rowOrder(name, model)
            found[name] = ModelTensor(name: name, raw: raw, rowOrder: order)
        }
    }

    private static func rowOrder(_ name: String, _ model: ModelConfiguration) -> RowOrder {
        if name.hasSuffix(".q_proj.weight") {
            return .interleavedRotary(headCount: model.headCount, headSize: model.headSize)
        }
        if name.hasSuffix(".k_proj.weight") {
            return .interleavedRotary(headCount: model.keyValueHeadCount, headSize: model.headSize)
        }
        return .asStored
    }

    func holds(_ name: String) -> Bool { found[name] != nil }

    /// The tensors of `table` in its order; refuses a missing, misshapen, unreadable or unknown one.
    func collect(_ table: [ExpectedTensor]) throws -> [ModelTensor] {
        let wanted = Set(table.map(\.name))
        let needed = unreadable.first {
            let name = LlamaTensorNames.huggingFaceName(gguf: $0.name) ?? $0.name
            return wanted.contains(name) || !Self.isHarmless($0.name)
        }
        if let tensor = needed {
            throw FileFailure.unsupported(
                path,
                "tensor \"\(tensor.name)\" is stored as \(tensor.typeName), which is not supported; "
                    + "use \(TensorType.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let tensors = try table.map { expected in
            guard let tensor = found[expected.name] else {
                throw FileFailure.invalid(
                    path,
                    "tensor \"\(fileName(expected.name))\" of shape \(expected.shape) is missing"
                )
            }
            guard tensor.raw.shape == expected.shape else {
                throw FileFailure.invalid(
                    path,
                    "tensor \"\(tensor.raw.name)\" has shape \(tensor.raw.shape); "
                        + "the configuration asks for \(expected.shape)"
                )
            }
            return tensor
        }
        try refuseExtras(beyond: wanted)
        return tensors
    }

    private func refuseExtras(beyond known: Set<String>) throws {
        let extras = found.values.filter { !known.contains($0.name) }.map(\.raw.name) + unknown
        if let extra = extras.filter({ !Self.isHarmless($0) }).min() {
            throw FileFailure.unsupported(
                path,
                "tensor \"\(extra)\" has no place in this Llama; the model has a part Hone cannot run"
            )
        }
    }

    /// Both spellings of a missing tensor where they differ, since the file's is not known.
    private func fileName(_ name: String) -> String {
        let isGGUF = found.values.contains { $0.name != $0.raw.name }
        return isGGUF ? LlamaTensorNames.ggufName(huggingFace: name) ?? name : name
    }

    /// Whether a tensor can be left out: tables that are computed anew, and an output matrix that is
    /// tied to the embedding or not used by a reward head.
    private static func isHarmless(_ name: String) -> Bool {
        name.hasSuffix(".rotary_emb.inv_freq") || name.hasSuffix(".attn_rot_embd.weight")
            || name == LlamaTensorTable.outputName || name == "output.weight"
    }
}
