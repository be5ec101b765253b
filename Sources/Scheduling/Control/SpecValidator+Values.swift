import Domain
import Objectives
import Store

extension SpecValidator {
    /// Whether something reads the value model's settings.
    mutating func checkValues(_ needs: DataRequirements) {
        guard let values = spec.valueModel else { return }
        if !needs.trainsValues {
            let message =
                "is not used by \(spec.objective.name), which trains no values; leave it out"
            return fault("$.value_model", message)
        }
        if values.model != nil && values.name != .separate {
            let message = "is not used by a head, which is on the policy's trunk; name separate"
            fault("$.value_model.model", message)
        }
        if values.warmupIterations > 0 && spec.kind != .online {
            let message =
                "must be 0: only online runs have iterations in which the values alone learn"
            fault("$.value_model.warmup_iterations", message)
        }
        if spec.kind == .online && values.warmupIterations >= spec.iterations {
            let message =
                "must be less than iterations (\(spec.iterations)), or the policy never learns"
            fault("$.value_model.warmup_iterations", message)
        }
    }

    /// Whether the model that the values begin as is there and reads the policy's tokens.
    mutating func checkValueModel(of model: ModelRecord?) async throws(HoneError) {
        guard let name = spec.valueModel?.model else { return }
        let path = "$.value_model.model"
        do throws(HoneError) {
            let found = try await plane.model(name)
            let size = found.configuration.vocabularySize
            if let model, size != model.configuration.vocabularySize {
                fault(
                    path,
                    "has a vocabulary of \(size) tokens, \"\(spec.model)\" one of "
                        + "\(model.configuration.vocabularySize): they cannot read the same tokens"
                )
            }
            criticFolder = found.folder
        } catch  where error.namesNothing {
            fault(path, error.message)
        }
    }
}
