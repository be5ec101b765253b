import Foundation

/// The learning rate as a pure function of the step, so that a resumed run continues exactly.
public struct LearningRateSchedule: Sendable, Hashable {
    /// How the rate changes after warm-up; raw values are the names in a spec.
    public enum Shape: String, Sendable, Hashable, CaseIterable {
        /// Stays at the peak.
        case constant
        /// Falls in a straight line to 0 at the last step.
        case linear
        /// Falls along half a cosine to 0 at the last step (Loshchilov & Hutter 2017).
        case cosine
    }

    /// The shape after warm-up.
    public var shape: Shape
    /// The highest learning rate.
    public var peak: Double
    /// The steps over which the rate rises in a straight line to the peak.
    public var warmupSteps: Int

    /// A schedule.
    public init(_ shape: Shape, peak: Double, warmupSteps: Int = 0) {
        self.shape = shape
        self.peak = peak
        self.warmupSteps = warmupSteps
    }

    /// The rate of `step` (from 0) of `totalSteps`.
    ///
    /// The first warm-up step already moves (1/warmupSteps of the peak), and steps past the end
    /// keep the end's rate.
    public func rate(at step: Int, of totalSteps: Int) -> Double {
        let (step, total, warmup) = (Double(step), Double(totalSteps), Double(warmupSteps))
        if step < warmup { return peak * (step + 1) / warmup }
        let progress = min(max((step - warmup) / max(total - warmup, 1), 0), 1)
        return switch shape {
        case .constant: peak
        case .linear: peak * (1 - progress)
        case .cosine: peak * (1 + cos(.pi * progress)) / 2
        }
    }
}
