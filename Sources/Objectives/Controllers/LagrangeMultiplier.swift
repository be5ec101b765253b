import Domain
import Foundation

/// Weighs a constraint so that the mean cost comes under a limit.
struct LagrangeMultiplier: StageController {
    static let name = "lagrange"
    static let summary =
        "Learns against a cost as well, weighed so that its mean comes under a limit."
    static let source = "Dai et al. 2023 (Safe RLHF), arXiv 2310.12773, equation 31, and its code"
    static let target = ControllerTarget.multiplier
    static let observes = [StageMetric.cost]
    static let parameters = [
        ParameterDescription(
            "cost",
            .string,
            default: nil,
            "The part of the reward that is the cost, by its name; \"tokens\" is the length."
        ),
        ParameterDescription(
            "limit",
            .number(.any),
            default: 0,
            "What the mean cost of an iteration should not exceed."
        ),
        ParameterDescription(
            "initial",
            .number(.positive),
            default: 1,
            "The multiplier of the first iteration."
        ),
        ParameterDescription(
            "learning_rate",
            .number(.positive),
            default: 0.01,
            "The step of the multiplier's logarithm."
        ),
        ParameterDescription(
            "maximum",
            .number(.positive),
            default: 1e6,
            "The largest multiplier."
        ),
    ]

    /// The name of the cost.
    let cost: String
    private let limit: Double
    private let initial: Double
    private let learningRate: Double
    private let maximum: Double

    init(_ parameters: ParameterValues) {
        cost = parameters.string("cost")
        limit = parameters.number("limit")
        initial = parameters.number("initial")
        learningRate = parameters.number("learning_rate")
        maximum = parameters.number("maximum")
    }

    var contradiction: ParameterContradiction? {
        ParameterContradiction(
            "initial",
            if: initial > maximum,
            "must not be above maximum (\(maximum))"
        )
    }

    func initialState(coefficient: Double) -> ControllerState { ControllerState(log(initial)) }

    /// Ascent on `λ (mean cost - limit)` by log λ, whose derivative is `λ (mean cost - limit)`.
    func advance(_ state: inout ControllerState, by metrics: [String: Double]) {
        guard let cost = metrics[StageMetric.cost] else { return }
        let moved = state.value + learningRate * (cost - limit) * exp(state.value)
        // Far below any multiplier that matters; keeps the exponential from vanishing for good.
        state = ControllerState(max(-50, min(log(maximum), moved)), observed: cost)
    }

    func setting(_ state: ControllerState) -> Double { exp(state.value) }
}
