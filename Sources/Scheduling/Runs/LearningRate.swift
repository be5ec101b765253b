import Domain
import Foundation

extension OptimizerSpec {
    /// The learning rate of `step` (from 0) of `totalSteps`: a pure function of the step, so that a
    /// resumed run continues exactly.
    ///
    /// The first warm-up step already moves (1/warmupSteps of the peak), and steps past the end
    /// keep the end's rate.
    func rate(at step: Int, of totalSteps: Int) -> Double {
        let (step, total, warmup) = (Double(step), Double(totalSteps), Double(warmupSteps))
        if step < warmup { return learningRate * (step + 1) / warmup }
        let progress = min(max((step - warmup) / max(total - warmup, 1), 0), 1)
        return switch schedule {
        case .constant: learningRate
        case .linear: learningRate * (1 - progress)
        case .cosine: learningRate * (1 + cos(.pi * progress)) / 2
        }
    }
}
