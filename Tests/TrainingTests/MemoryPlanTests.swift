import Domain
import Foundation
import Models
import Testing
import Training

@Suite struct `Memory plan` {
    @Test func `it counts the parameters that sessions train`() throws {
        let model = try TinyModel("tiny-llama-untied")
        let shape = try ModelFolder(model.path).configuration
        let trainables: [TrainableSpec] = [.all, .topLayers(1), .lora(rank: 2, alpha: 4)]
        for trainable in trainables {
            let plan = TinyModel.plan(trainable)
            let session = try model.session(training: plan)
            let trained = session.learner?.model.gradients?.table.count
            #expect(try MemoryPlan(shape, training: plan).trainableParameterCount == trained)
        }
        #expect(try MemoryPlan(shape, training: nil).trainableParameterCount == 0)
    }

    @Test func `what is trained and what activations take is added`() throws {
        let model = try TinyModel()
        let shape = try ModelFolder(model.path).configuration
        let run = try MemoryPlan(shape, training: nil)
        let small = try MemoryPlan(
            shape,
            training: TinyModel.plan(.all, activationMemoryBytes: 1000)
        )
        let large = try MemoryPlan(
            shape,
            training: TinyModel.plan(.all, activationMemoryBytes: 9000)
        )
        // Own weights, gradients and two moments.
        #expect(small.memoryBytes == run.memoryBytes + 16 * small.trainableParameterCount + 1000)
        #expect(large.memoryBytes == small.memoryBytes + 8000)
        #expect(small.checkpointBytes == run.checkpointBytes + 8 * small.trainableParameterCount)
    }

    @Test func `a checkpoint fits into what was planned for it`() throws {
        let model = try TinyModel()
        let plan = TinyModel.plan(.all)
        let session = try model.session(training: plan)
        let path = model.beside("checkpoint")
        try session.checkpoint(to: path, includesOptimizer: true, state: .init())
        let bytes = try ModelFolder(path).facts(folder: path).byteCount
        let planned = try MemoryPlan(session.folder.configuration, training: plan).checkpointBytes
        #expect(bytes <= planned && bytes > 12 * session.folder.weights.table.count)
    }
}
