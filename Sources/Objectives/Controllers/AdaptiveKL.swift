import Domain

/// Keeps the KL near a target by multiplying its coefficient.
struct AdaptiveKL: StageController {
    static let name = "adaptive_kl"
    static let summary =
        "Raises the KL's coefficient while the KL is above a target, else lowers it."
    static let source =
        "Ziegler et al. 2019, arXiv 1909.08593, section 2.2; RL4LMs, kl_controllers.py"
    static let target = ControllerTarget.klCoefficient
    static let observes = [StageMetric.kl, StageMetric.completions]
    static let parameters = [
        ParameterDescription(
            "target",
            .number(.positive),
            default: 6,
            "The KL that is aimed at: of whole completions, nat."
        ),
        ParameterDescription(
            "variant",
            .choice(["ziegler", "rl4lms"]),
            default: "ziegler",
            "Whether a step grows with the completions seen, or is a tenth of the error."
        ),
        ParameterDescription(
            "horizon",
            .number(.positive),
            default: 10_000,
            "Completions over which an error counts whole (ziegler)."
        ),
    ]

    private let aim: Double
    private let isZiegler: Bool
    private let horizon: Double

    init(_ parameters: ParameterValues) {
        aim = parameters.number("target")
        isZiegler = parameters.string("variant") == "ziegler"
        horizon = parameters.number("horizon")
    }

    func initialState(coefficient: Double) -> ControllerState { ControllerState(coefficient) }

    /// `β ← β (1 + clip(KL/target - 1, ±0.2) · n/horizon)`, with 0.1 for n/horizon in RL4LMs.
    func advance(_ state: inout ControllerState, by metrics: [String: Double]) {
        guard let kl = metrics[StageMetric.kl], let count = metrics[StageMetric.completions] else {
            return
        }
        let error = max(-0.2, min(0.2, kl / aim - 1))
        // A horizon shorter than an iteration must not turn the coefficient's sign.
        let pace = isZiegler ? min(count / horizon, 1) : 0.1
        state = ControllerState(state.value * (1 + error * pace), observed: kl)
    }

    func setting(_ state: ControllerState) -> Double { state.value }
}
