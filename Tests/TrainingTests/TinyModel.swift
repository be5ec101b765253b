import Domain
import Kernels
import Models
import Objectives
import TestSupport
import Training

/// A tiny model in a folder of its own.
struct TinyModel {
    static let names = ["tiny-llama-tied", "tiny-llama-untied"]
    /// Characters that tokens 3 to 96 stand for.
    static let alphabet = TinyModelFolder.alphabet

    private let folder: TemporaryFolder
    let path: String

    /// Writes the model folder, which goes when this goes.
    ///
    /// - Parameters:
    ///   - name: the fixture, one of `names`.
    ///   - isMapped: lays the weights in arena order, so that opening the folder maps them.
    /// - Throws: when the fixture cannot be read or the folder cannot be written.
    init(_ name: String = "tiny-llama-tied", isMapped: Bool = false) throws {
        folder = try TemporaryFolder()
        let path = folder.path + "/model"
        try TinyModelFolder.write(name, hasChatTemplate: false, to: path)
        self.path = isMapped ? folder.path + "/mapped" : path
        if isMapped { _ = try ModelImport.importModel(from: path, to: self.path) }
    }

    /// A path beside the model that goes when the model goes.
    func beside(_ name: String) -> String { folder.path + "/" + name }

    func session(
        checkpoint: String? = nil,
        training: TrainingPlan? = nil,
        threads: Int = 1,
        policyVersion: Int = 0
    ) throws -> PolicySession {
        try PolicySession(
            modelFolder: path,
            checkpointFolder: checkpoint,
            training: training,
            referenceFolder: nil,
            policyVersion: policyVersion,
            backend: CPUBackend(threadCount: threads)
        )
    }

    static func plan(
        _ trainable: TrainableSpec,
        activationMemoryBytes: Int = 64 << 20
    ) -> TrainingPlan {
        var optimizer = OptimizerSpec()
        (optimizer.beta2, optimizer.weightDecay, optimizer.gradientClip) = (0.95, 0.1, 1)
        return TrainingPlan(
            trainable: trainable,
            optimizer: optimizer,
            activationMemoryBytes: activationMemoryBytes,
            seed: 5
        )
    }
}

/// The objective `name` with these parameters.
func objective(_ name: String, _ parameters: [String: Value] = [:]) throws -> any Objective {
    try ObjectiveCatalogue.make(name: name, parameters: .object(parameters), path: "objective")
}

/// ‖left − right‖ / ‖right‖.
func relativeDistance(_ left: [Float], _ right: [Float]) -> Double {
    guard left.count == right.count else { return .infinity }
    let squares = zip(left, right).reduce((0.0, 0.0)) { sums, pair in
        let (difference, size) = (Double(pair.0 - pair.1), Double(pair.1))
        return (sums.0 + difference * difference, sums.1 + size * size)
    }
    return (squares.0 / max(1e-30, squares.1)).squareRoot()
}
