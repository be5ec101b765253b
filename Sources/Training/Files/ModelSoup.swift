import Domain
import Kernels
import ModelFiles
import Models

/// The weighted mean of models of one shape.
public enum ModelSoup {
    /// Publishes the mean as a model folder, with the first model's tokenizer; whole or not at all.
    ///
    /// Sums are taken in double, in the order of the models: equal models give equal bytes.
    ///
    /// - Parameters:
    ///   - folders: the models'.
    ///   - shares: one for each, which sum to 1.
    ///   - destination: the folder; an existing one is replaced.
    /// - Throws: `invalidModelFile` when the models' tensors differ, `invalidSpec` without models.
    public static func write(_ folders: [String], shares: [Double], to destination: String) throws {
        let models = try folders.map { try ModelFolder($0) }
        guard let first = models.first, models.count == shares.count else {
            throw HoneError(
                .invalidSpec,
                "a soup needs models, and a share for each",
                param: "soup"
            )
        }
        for model in models where model.weights.table.entries != first.weights.table.entries {
            throw HoneError(
                .invalidModelFile,
                "\(model.path) and \(first.path) cannot be averaged: their tensors differ",
                param: model.path
            )
        }
        let mean = ParameterArena(first.weights.table)
        for entry in first.weights.table.entries {
            var sums = [Double](repeating: 0, count: entry.count)
            for (model, share) in zip(models, shares) {
                let values = model.weights.tensor(entry).hostCopy()
                for place in sums.indices { sums[place] += share * Double(values[place]) }
            }
            mean.tensor(entry).assign(sums.map { Float($0) })
        }
        try AtomicDirectory.publish(at: destination, replacing: true) { staging in
            try first.writer(weights: mean, adapters: nil).writeHuggingFace(folder: staging)
        }
    }
}
