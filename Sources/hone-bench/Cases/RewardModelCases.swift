import Domain
import Objectives
import Training

extension BenchmarkCase {
    static let rewardModel = BenchmarkCase(
        "reward-model",
        "a Bradley–Terry step on 4 pairs of texts of 256 tokens, all weights; all tokens count"
    ) { bench in
        let session = try bench.rewardModel(training: .all)
        guard let learner = session.learner else { preconditionFailure("opened for training") }
        let texts = TokenSource(session.configuration).texts(8, of: 256)
        let groups = texts.map { SequenceGroup(prompt: [], completions: [$0]) }
        let batch = TrainingBatch.pairs(groups)
        let objective = try ObjectiveCatalogue.make(
            name: "bradley_terry",
            parameters: .object([:]),
            path: "$"
        )
        return Work(
            tokens: 8 * 256,
            usefulOperations: UsefulWork(texts: texts, predictions: 0)
                .training(session.configuration)
        ) {
            _ = try learner.update(batch, objective: objective, learningRate: 1e-7)
            return nil
        }
    }
}
