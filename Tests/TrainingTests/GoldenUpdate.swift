import Domain
import Foundation
import ModelFiles
import Objectives
import TestSupport
import Training

/// What PyTorch did in two AdamW steps on the DPO loss; see `Tests/Fixtures/README.md`.
struct GoldenUpdate: Decodable {
    struct Sequence: Decodable {
        var tokens: [Int32]
        var prompt_length: Int
    }
    struct Pair: Decodable {
        var chosen: Int
        var rejected: Int
    }
    struct DPO: Decodable {
        var beta: Double
        var pairs: [Pair]
        var reference_logprobs: [[Double]]
    }
    struct AdamW: Decodable {
        var learning_rate: Double
        var beta1: Double
        var beta2: Double
        var epsilon: Double
        var weight_decay: Double
        var gradient_clip: Double
        var losses: [Double]
        var gradient_norms: [Double]
    }
    var sequences: [Sequence]
    var dpo: DPO
    var adamw: AdamW

    static func read(_ name: String) throws -> GoldenUpdate {
        try JSONDecoder().decode(Self.self, from: try Fixtures.data(name + "/goldens.json"))
    }

    /// The value of each parameter after two steps minus its start value.
    static func change(_ name: String, of parameter: String) throws -> [Float] {
        let arrays = try SafetensorsFile.open(Fixtures.path(name) + "/goldens.safetensors")
        guard let tensor = arrays["adamw/change_after_2/" + parameter] else {
            throw HoneError(.invalidData, "no golden change of \(parameter)")
        }
        return try tensor.withBytes { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }

    var optimizer: OptimizerSpec {
        var spec = OptimizerSpec()
        (spec.beta1, spec.beta2, spec.epsilon) = (adamw.beta1, adamw.beta2, adamw.epsilon)
        (spec.weightDecay, spec.gradientClip) = (adamw.weight_decay, adamw.gradient_clip)
        return spec
    }

    /// The four sequences in two groups by their prompt, and the two pairs.
    var batch: TrainingBatch {
        let parts = sequences.map { sequence in
            (
                Array(sequence.tokens.prefix(sequence.prompt_length)),
                Array(sequence.tokens.dropFirst(sequence.prompt_length))
            )
        }
        let groups = [0, 2].map { first in
            SequenceGroup(
                prompt: parts[first].0,
                completions: [parts[first].1, parts[first + 1].1]
            )
        }
        let members = sequences.indices.map { index in
            var terms = SequenceTerms(logprobs: [])
            terms.referenceLogprobs = dpo.reference_logprobs[index]
            terms.label = index % 2 == 0
            return TrainingBatch.Sequence(group: index / 2, completion: index % 2, terms: terms)
        }
        let pairs = dpo.pairs.map { TrainingBatch.Pair(chosen: $0.chosen, rejected: $0.rejected) }
        return TrainingBatch(groups: groups, sequences: members, pairs: pairs)
    }
}
