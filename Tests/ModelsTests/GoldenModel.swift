import Domain
import Foundation
import Kernels
import ModelFiles
import Models
import TestSupport

/// A tiny random Llama with everything PyTorch computed of it; see `Tests/Fixtures/README.md`.
struct GoldenModel {
    let configuration: ModelConfiguration
    let weights: ParameterArena
    let numbers: Numbers
    private let arrays: TensorListing

    struct Numbers: Decodable {
        struct Sequence: Decodable {
            var tokens: [Int32]
            var prompt_length: Int
            var logprobs: [Double?]
            var entropies: [Double?]
        }
        struct Weighted: Decodable {
            var weights: [[Double]]
            var loss: Double
        }
        struct Pair: Decodable {
            var chosen: Int
            var rejected: Int
        }
        struct DPO: Decodable {
            var beta: Double
            var pairs: [Pair]
            var reference_logprobs: [[Double]]
            var loss: Double
        }
        struct Reward: Decodable {
            var rewards: [Double]
            var pairs: [Pair]
            var loss: Double
        }
        struct LoRA: Decodable {
            struct Sequence: Decodable { var logprobs: [Double?] }
            var rank: Int
            var alpha: Double
            var weights: [[Double]]
            var loss: Double
            var sequences: [Sequence]
        }
        var sequences: [Sequence]
        var logprob: Weighted
        var entropy: Weighted
        var dpo: DPO
        var reward: Reward?
        var lora: LoRA
    }

    init(_ name: String) throws {
        let folder = Fixtures.path(name)
        configuration = try HuggingFaceConfiguration.read(folder: folder).model
        let table = ParameterTable(Llama.entries(configuration))
        weights = ParameterArena(table)
        let stored = try SafetensorsFile.open(folder + "/model.safetensors")
        for entry in table.entries {
            guard let tensor = stored[entry.name] else {
                throw HoneError(.invalidModelFile, entry.name)
            }
            weights.tensor(entry).assign(try Self.floats(tensor))
        }
        arrays = try SafetensorsFile.open(folder + "/goldens.safetensors")
        numbers = try JSONDecoder().decode(
            Numbers.self,
            from: try Fixtures.data(name + "/goldens.json")
        )
    }

    func array(_ name: String) throws -> [Float] {
        guard let tensor = arrays[name] else {
            throw HoneError(.invalidData, "no golden array \(name)")
        }
        return try Self.floats(tensor)
    }

    private static func floats(_ tensor: RawTensor) throws -> [Float] {
        try tensor.withBytes { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }

    /// All sequences as one packed batch: 0 and 1 share their prompt, so do 2 and 3.
    func packed(sharingPrompts: Bool) -> PackedBatch {
        var batch = PackedBatch()
        let parts = numbers.sequences.map { sequence in
            (
                Array(sequence.tokens.prefix(sequence.prompt_length)),
                Array(sequence.tokens.dropFirst(sequence.prompt_length))
            )
        }
        for first in stride(from: 0, to: parts.count, by: 2) {
            if sharingPrompts {
                batch.append(
                    prompt: parts[first].0,
                    completions: [parts[first].1, parts[first + 1].1]
                )
            } else {
                batch.append(prompt: parts[first].0, completions: [parts[first].1])
                batch.append(prompt: parts[first + 1].0, completions: [parts[first + 1].1])
            }
        }
        return batch
    }

    /// The goldens of the completion tokens, in packed order.
    func completionValues(_ values: (Numbers.Sequence) -> [Double?]) -> [Double] {
        numbers.sequences.flatMap { values($0).dropFirst($0.prompt_length).compactMap { $0 } }
    }
}

/// The largest difference of two arrays over the larger one's largest magnitude.
func relativeDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    let difference = zip(left, right).map { abs($0 - $1) }.max() ?? 0
    return difference / max(1e-12, right.map(abs).max() ?? 0)
}
