import Domain
import Objectives
import Store

extension SpecValidator {
    /// Whether the spec names the models that the objective distils from, and they fit the policy.
    mutating func checkTeachers(of model: ModelRecord?) async throws(HoneError) {
        let needs = ElementReader(spec).needs
        let (wanted, named) = (needs.teacherCount, spec.teachers.count)
        if wanted == 0 && named > 0 {
            fault("$.teachers", "is not used by \(spec.objective.name); leave it out")
        } else if wanted != named {
            let names = wanted == 1 ? "its teacher" : "its teacher and the contrast"
            fault(
                "$.teachers",
                "must be \(wanted) model names, not \(named): \(spec.objective.name) learns from "
                    + names
            )
        }
        for (index, name) in spec.teachers.enumerated() {
            try await checkTeacher(name, "$.teachers[\(index)]", model)
        }
    }

    private mutating func checkTeacher(
        _ name: String,
        _ path: String,
        _ model: ModelRecord?
    ) async throws(HoneError) {
        do throws(HoneError) {
            let found = try await plane.model(name)
            if found.isRewardModel {
                return fault(path, "\"\(name)\" is a reward model: name a language model")
            }
            let size = found.configuration.vocabularySize
            if let model, size != model.configuration.vocabularySize {
                return fault(
                    path,
                    "has a vocabulary of \(size) tokens, \"\(spec.model)\" one of "
                        + "\(model.configuration.vocabularySize): their distributions cannot be compared"
                )
            }
            teacherFolders.append(found.folder)
        } catch  where error.namesNothing {
            fault(path, error.message)
        }
    }
}
