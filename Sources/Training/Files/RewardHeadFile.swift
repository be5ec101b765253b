public import Domain
import Foundation
import ModelFiles
import Models

/// How a reward model's head reads a text, and what it makes of it.
struct RewardHeadSpec: Codable, Hashable {
    var pooling: RewardModelSpec.Pooling
    /// Whether the final norm comes before pooling.
    var normalises: Bool
    /// The scored text, with `{prompt}` and `{completion}`.
    var template: String
    /// `nil` is one scalar head.
    var head: RewardHead?
    /// How attributes become a score; `nil` for other heads.
    var mixture: AttributeMixture?

    /// What the head says of texts.
    var kind: RewardKind { (head ?? .scalar).kind }

    /// The text that is scored.
    func render(prompt: String, completion: String) -> String {
        TextTemplate(template).filled(["prompt": prompt, "completion": completion])
    }
}

/// A reward model's head on disk: `reward_head.json` and `reward_head.safetensors` beside the backbone.
public struct RewardHeadFile {
    var spec: RewardHeadSpec
    /// One row of features for each output.
    var weight: [Float]
    /// One for each output.
    var bias: [Float]
    /// What weighs attributes by the prompt; `nil` for fixed weights and other heads.
    var gate: GatingNetwork?

    private static let specName = "reward_head.json"
    private static let tensorName = "reward_head.safetensors"

    /// What the head says of texts.
    public var kind: RewardKind { spec.kind }

    /// The head in `folder`, over a backbone of this shape; `nil` when there is none.
    ///
    /// - Throws: `invalidModelFile` naming what is damaged or does not fit.
    static func read(_ folder: String, _ shape: ModelConfiguration) throws -> RewardHeadFile? {
        let path = folder + "/" + specName
        guard let data = try SmallFile.content(of: path) else { return nil }
        guard let spec = try? JSONDecoder().decode(RewardHeadSpec.self, from: data) else {
            throw HoneError(
                .invalidModelFile,
                "\(path) is damaged; train the reward model again",
                param: path
            )
        }
        let listing = try SafetensorsFile.open(folder + "/" + tensorName)
        guard let weight = listing["score.weight"], let bias = listing["score.bias"],
            weight.type == .f32, bias.type == .f32, bias.elementCount > 0,
            weight.elementCount.isMultiple(of: bias.elementCount)
        else {
            throw HoneError(
                .invalidModelFile,
                "\(folder)/\(tensorName) lacks score.weight or score.bias",
                param: tensorName
            )
        }
        let head = RewardHeadFile(
            spec: spec,
            weight: try floats(weight),
            bias: try floats(bias),
            gate: try gate(spec, listing)
        )
        if let problem = head.misfit(shape) {
            throw HoneError(
                .invalidModelFile,
                "\(path) and \(tensorName) do not fit: \(problem); train the reward model again",
                param: path
            )
        }
        return head
    }

    /// What does not fit together, or not the backbone; `nil` when all does.
    private func misfit(_ shape: ModelConfiguration) -> String? {
        let outputs: Int? =
            switch spec.head ?? .scalar {
            case .scalar, .pair: 1
            case .ensemble(let head): head.members
            case .preference(let head): head.dimensions
            case .attributes: spec.mixture?.names.count
            }
        if let outputs, outputs != bias.count {
            return "the head has \(bias.count) outputs, not \(outputs)"
        }
        let table = ScalarHead.table(shape, spec.pooling, outputs: bias.count)
        let wanted = table["score.weight"]?.count ?? 0
        guard weight.count == wanted else {
            return "the head has \(weight.count) weights; the backbone needs \(wanted)"
        }
        guard (gate?.sizes.first ?? weight.count / bias.count) == weight.count / bias.count else {
            return "the gate reads \(gate?.sizes.first ?? 0) features"
        }
        guard (weight + bias).allSatisfy(\.isFinite) else { return "a weight is not finite" }
        if let mixture = spec.mixture {
            let count = mixture.names.count
            guard mixture.penalties.count == count, mixture.weights.count == count,
                mixture.verbosity.map({ mixture.names.indices.contains($0) }) ?? true
            else { return "the mixture's lists are not as long as its \(count) names" }
        }
        return nil
    }

    /// The gate beside the head's weights, when there is one.
    private static func gate(
        _ spec: RewardHeadSpec,
        _ listing: TensorListing
    ) throws -> GatingNetwork? {
        guard case .attributes(let settings)? = spec.head,
            let parameters = listing["gate.parameters"], let shift = listing["gate.shift"],
            let factor = listing["gate.factor"]
        else { return nil }
        let sizes = [
            shift.elementCount, settings.gatingWidth, settings.gatingWidth,
            spec.mixture?.names.count ?? 0,
        ]
        guard [parameters, shift, factor].allSatisfy({ $0.type == .f32 }),
            parameters.elementCount == GatingNetwork.parameterCount(sizes),
            factor.elementCount == shift.elementCount
        else {
            throw HoneError(
                .invalidModelFile,
                "\(tensorName): the gate does not have the size that \(specName) says",
                param: tensorName
            )
        }
        return GatingNetwork(
            sizes: sizes,
            temperature: settings.gatingTemperature,
            parameters: try floats(parameters).map { Double($0) },
            shift: try floats(shift).map { Double($0) },
            factor: try floats(factor).map { Double($0) }
        )
    }

    private static func floats(_ tensor: RawTensor) throws -> [Float] {
        try tensor.withBytes { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }

    func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(spec).write(to: URL(fileURLWithPath: folder + "/" + Self.specName))
        func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> OutgoingTensor {
            OutgoingTensor(name: name, shape: shape, type: .f32) { sink in
                try values.withUnsafeBytes { try sink($0) }
            }
        }
        var tensors = [
            tensor("score.weight", [bias.count, weight.count / max(1, bias.count)], weight),
            tensor("score.bias", [bias.count], bias),
        ]
        if let gate {
            for (name, values) in [
                ("parameters", gate.parameters), ("shift", gate.shift), ("factor", gate.factor),
            ] {
                tensors.append(tensor("gate.\(name)", [values.count], values.map { Float($0) }))
            }
        }
        try SafetensorsWriter.write(tensors, to: folder + "/" + Self.tensorName)
    }
}
