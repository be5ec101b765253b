import Domain
import Kernels
import Models

// The head that a reward model is opened with.
extension RewardSession {
    /// That of the file, or a new one.
    static func head(
        _ file: RewardHeadFile?,
        _ spec: RewardModelSpec?,
        _ configuration: ModelConfiguration,
        _ path: String,
        _ seed: UInt64
    ) throws -> (RewardHeadSpec, ParameterArena) {
        if let file { return (file.spec, try weights(of: file, configuration, path)) }
        guard let spec else {
            throw HoneError(
                .unsupportedModel,
                "\(path) is a language model, not a reward model; train one with a run "
                    + "of kind reward_model",
                param: path
            )
        }
        let head = RewardHeadSpec(
            pooling: spec.pooling,
            normalises: false,
            template: spec.template,
            head: spec.head
        )
        return (head, fresh(head, configuration, seed))
    }

    private static func weights(
        of file: RewardHeadFile,
        _ configuration: ModelConfiguration,
        _ path: String
    ) throws -> ParameterArena {
        let table = ScalarHead.table(
            configuration,
            file.spec.pooling,
            outputs: file.bias.count
        )
        guard let entry = table["score.weight"], entry.count == file.weight.count else {
            throw HoneError(
                .invalidModelFile,
                "\(path): the reward head has \(file.weight.count) weights; the "
                    + "backbone needs \(table["score.weight"]?.count ?? 0)",
                param: path
            )
        }
        let arena = ParameterArena(table)
        arena.tensor("score.weight")?.assign(file.weight)
        arena.tensor("score.bias")?.assign(file.bias)
        return arena
    }

    /// Zeros for one output; several would stay equal, so they start from small numbers.
    private static func fresh(
        _ spec: RewardHeadSpec,
        _ configuration: ModelConfiguration,
        _ seed: UInt64
    ) -> ParameterArena {
        let outputs =
            switch spec.head {
            case .ensemble(let head): head.members
            case .preference(let head): head.dimensions
            default: 1
            }
        let table = ScalarHead.table(configuration, spec.pooling, outputs: outputs)
        guard outputs > 1 else { return ParameterArena(table) }
        let features = table["score.weight"]?.columns ?? 1
        // A tenth of what keeps the variance of normed features: the residual stream is larger.
        let deviation = 0.1 / Double(features + 1).squareRoot()
        let drawn = ParameterTable(
            table.entries.map { entry in
                guard !entry.isVector else { return entry }
                var entry = entry
                entry.initial = .normal(deviation)
                return entry
            }
        )
        let arena = ParameterArena(drawn)
        arena.initialise(seed: seed ^ 0x6865_6164)
        return arena
    }
}
