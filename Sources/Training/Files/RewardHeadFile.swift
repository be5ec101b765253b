import Domain
import Foundation
import ModelFiles

/// How a scalar head reads a text.
struct RewardHeadSpec: Codable, Hashable {
    var pooling: RewardModelSpec.Pooling
    /// Whether the final norm comes before pooling.
    var normalises: Bool
    /// The scored text, with `{prompt}` and `{completion}`.
    var template: String

    /// The text that is scored.
    func render(prompt: String, completion: String) -> String {
        // One pass, so that a prompt that contains "{completion}" stays what it is.
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            if rest.hasPrefix("{prompt}") {
                result += prompt
                rest = rest.dropFirst("{prompt}".count)
            } else if rest.hasPrefix("{completion}") {
                result += completion
                rest = rest.dropFirst("{completion}".count)
            } else {
                result.append("{")
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}

/// A reward model's head on disk: `reward_head.json` and `reward_head.safetensors` beside the backbone.
public struct RewardHeadFile {
    var spec: RewardHeadSpec
    /// One for each pooled feature.
    var weight: [Float]
    var bias: Float

    private static let specName = "reward_head.json"
    private static let tensorName = "reward_head.safetensors"

    /// The head in `folder`; `nil` when there is none.
    static func read(_ folder: String) throws -> RewardHeadFile? {
        let path = folder + "/" + specName
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let spec = try? JSONDecoder().decode(RewardHeadSpec.self, from: data) else {
            throw HoneError(
                .invalidModelFile,
                "\(path) is damaged; train the reward model again",
                param: path
            )
        }
        let listing = try SafetensorsFile.open(folder + "/" + tensorName)
        guard let weight = listing["score.weight"], let bias = listing["score.bias"],
            weight.type == .f32, bias.type == .f32, bias.elementCount == 1
        else {
            throw HoneError(
                .invalidModelFile,
                "\(folder)/\(tensorName) lacks score.weight or score.bias",
                param: tensorName
            )
        }
        return RewardHeadFile(
            spec: spec,
            weight: try floats(weight),
            bias: try floats(bias).first ?? 0
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
        try SafetensorsWriter.write(
            [
                tensor("score.weight", [1, weight.count], weight),
                tensor("score.bias", [1], [bias]),
            ],
            to: folder + "/" + Self.tensorName
        )
    }
}
