import Domain
import Kernels
import Objectives
import Testing
import Training

/// Every objective, end to end on a tiny model: 30 steps move the metric that it names.
@Suite struct `Every objective` {
    static let policies = ObjectiveCatalogue.all.filter { !$0.requirements.trainsScores }
        .map { $0.name }

    @Test(arguments: policies)
    func `learns its lesson in 30 steps`(_ name: String) throws {
        let objective = try objective(name)
        let (model, teacher) = (try TinyModel(), try TinyModel("tiny-llama-untied"))
        let data = LessonData(objective.requirements)
        let session = try PolicySession(
            modelFolder: model.path,
            checkpointFolder: nil,
            training: TinyModel.plan(.all),
            referenceFolder: nil,
            teacherFolders: objective.requirements.needsTeacher ? [teacher.path, model.path] : [],
            policyVersion: 0,
            backend: CPUBackend(threadCount: 1)
        )
        let learner = try #require(session.learner)
        let reference = try session.scorer.logprobs(data.groups)
        for _ in 0..<3 {
            _ = try learner.update(data.warmUp, objective: try self.sft(), learningRate: 2e-3)
        }
        let old = try session.scorer.logprobs(data.groups)
        let batch = data.batch(reference: reference, old: old)
        let trend = Swift.type(of: objective).trend
        var course: [Double] = []
        for _ in 0..<30 {
            let metrics = try learner.update(batch, objective: objective, learningRate: 1e-3)
            course.append(try #require(metrics[trend.metric]))
        }
        let (first, last) = (try #require(course.first), try #require(course.last))
        switch trend {
        case .rises: #expect(last > first + 1e-3 * abs(first), "\(trend.metric): \(course)")
        case .falls: #expect(last < first - 1e-3 * abs(first), "\(trend.metric): \(course)")
        }
    }

    private func sft() throws -> any Objective { try objective("sft") }
}
