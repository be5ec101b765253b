import Domain
import Foundation
import Kernels
import Training

/// What cases work with: the model, the threads, a folder for files.
final class Workbench {
    /// The model's folder as it was given.
    let folder: String
    /// Threads of every operation.
    let threads: Int
    /// Runs the operations.
    let backend: CPUBackend
    /// For files; removed at the end.
    let scratch: String

    init(folder: String, threads: Int) throws {
        self.folder = folder
        self.threads = threads
        backend = CPUBackend(threadCount: threads)
        scratch =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("hone-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: scratch,
            withIntermediateDirectories: true
        )
    }

    /// Removes what was written.
    func cleanUp() { try? FileManager.default.removeItem(atPath: scratch) }

    /// Which weights are trained, with the defaults of a run's spec for the rest.
    static func plan(_ trainable: TrainableSpec) -> TrainingPlan {
        TrainingPlan(
            trainable: trainable,
            optimizer: OptimizerSpec(),
            activationMemoryBytes: 4 << 30,
            seed: 0
        )
    }

    /// The model as a policy that never ends a completion early, so that every run draws the same
    /// number of tokens.
    func policy(training: TrainableSpec? = nil, reference: String? = nil) throws -> PolicySession {
        let endless = scratch + "/endless"
        if !FileManager.default.fileExists(atPath: endless) {
            try EndlessModel.write(of: folder, to: endless)
        }
        return try PolicySession(
            modelFolder: endless,
            checkpointFolder: nil,
            training: training.map { Self.plan($0) },
            referenceFolder: reference,
            policyVersion: 0,
            backend: backend
        )
    }

    /// A reward model of all the model's layers with a fresh head, which reads the last token's state.
    func rewardModel(training: TrainableSpec? = nil) throws -> RewardSession {
        var spec = RewardModelSpec()
        spec.pooling = .last
        spec.headFit = .none
        return try RewardSession(
            modelFolder: folder,
            checkpointFolder: nil,
            spec: spec,
            training: training.map { Self.plan($0) },
            backend: backend
        )
    }
}
