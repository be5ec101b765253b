import Domain
import Foundation

/// Which of two vectors is preferred.
///
/// The log-odds are `v_aᵀ R v_b / τ` with the skew-symmetric R that turns every plane by a right angle
/// (Zhang et al. 2024, arXiv 2410.02197, equations 4 and 5). Swapping the sides swaps the sign, whatever
/// the vectors; unlike a difference of scores it can run in circles.
struct PreferenceForm: Sendable {
    let settings: RewardHead.Preference

    /// The log-odds that `left` is preferred to `right`.
    func score(_ left: [Double], _ right: [Double]) -> Double {
        let (a, b) = (scaled(left), scaled(right))
        return product(a, b) / settings.temperature
    }

    /// The derivatives of `slope` times the score by the two vectors.
    func slopes(
        _ left: [Double],
        _ right: [Double],
        _ slope: Double
    ) -> (left: [Double], right: [Double]) {
        let (a, b) = (scaled(left), scaled(right))
        let factor = slope / settings.temperature
        // ∂/∂a of aᵀRb is Rb, ∂/∂b is Rᵀa = -Ra.
        let byA = turned(b).map { $0 * factor }
        let byB = turned(a).map { -$0 * factor }
        return (unscaled(byA, a, left), unscaled(byB, b, right))
    }

    private func product(_ a: [Double], _ b: [Double]) -> Double { dot(a, turned(b)) }

    /// R v: (v₁, -v₀) in every plane.
    private func turned(_ vector: [Double]) -> [Double] {
        vector.indices.map { $0.isMultiple(of: 2) ? vector[$0 + 1] : -vector[$0 - 1] }
    }

    private func length(_ vector: [Double]) -> Double {
        max(dot(vector, vector).squareRoot(), 1e-12)
    }

    private func scaled(_ vector: [Double]) -> [Double] {
        guard settings.normalises else { return vector }
        let length = length(vector)
        return vector.map { $0 / length }
    }

    /// The derivative by the vector before scaling, from that by the one after.
    private func unscaled(_ slopes: [Double], _ unit: [Double], _ vector: [Double]) -> [Double] {
        guard settings.normalises else { return slopes }
        let (along, length) = (dot(slopes, unit), length(vector))
        return slopes.indices.map { (slopes[$0] - along * unit[$0]) / length }
    }
}
