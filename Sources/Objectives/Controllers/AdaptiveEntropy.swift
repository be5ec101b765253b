import Domain

/// Keeps the entropy from falling below a target.
struct AdaptiveEntropy: StageController {
    static let name = "adaptive_entropy"
    static let summary =
        "Raises the bonus on entropy while the entropy is below a target, else lowers it."
    static let source = "He et al. 2025 (Skywork-OR1), arXiv 2505.22312, section 4"
    static let target = ControllerTarget.entropyCoefficient
    static let observes = [StageMetric.entropy]
    static let parameters = [
        ParameterDescription(
            "target",
            .number(.nonNegative),
            default: 0.2,
            "The entropy of a token that is aimed at, nat."
        ),
        ParameterDescription(
            "step",
            .number(.positive),
            default: 0.005,
            "By how much the coefficient moves each iteration."
        ),
        ParameterDescription(
            "maximum",
            .number(.positive),
            default: 1,
            "The largest coefficient."
        ),
    ]

    private let aim: Double
    private let step: Double
    private let maximum: Double

    init(_ parameters: ParameterValues) {
        aim = parameters.number("target")
        step = parameters.number("step")
        maximum = parameters.number("maximum")
    }

    func initialState(coefficient: Double) -> ControllerState { ControllerState(coefficient) }

    func advance(_ state: inout ControllerState, by metrics: [String: Double]) {
        guard let entropy = metrics[StageMetric.entropy] else { return }
        let moved = state.value + (entropy < aim ? step : -step)
        state = ControllerState(max(0, min(maximum, moved)), observed: entropy)
    }

    /// The bonus is only paid while the entropy is not above the target.
    func setting(_ state: ControllerState) -> Double {
        guard let observed = state.observed else { return state.value }
        return observed <= aim ? state.value : 0
    }
}
