import Domain
import Models

/// How many tokens run forward and backward at once, and what is kept of them.
///
/// A pure function of the spec and the model, never of timings: a resumed run must cut its batches
/// as before.
struct ActivationBudget {
    /// The most tokens of a microbatch, whatever memory there is.
    ///
    /// From 200 tokens on the time of a token no longer falls (docs/adr/0007), so that more of them
    /// would take memory only.
    static let maximumTokens = 768

    let shape: ModelConfiguration
    /// 0 without adapters.
    let adapterRank: Int
    /// Memory the activations may take.
    let bytes: Int

    func bytesPerToken(_ plan: ActivationPlan) -> Int {
        Activations.bytes(shape, tokens: 1, plan: plan, adapterRank: adapterRank)
    }

    /// Tokens that a microbatch is filled with; what must stay together may be more.
    var tokens: Int { max(1, min(Self.maximumTokens, bytes / bytesPerToken(.keepAll))) }

    /// Everything is kept where that fits, else each layer is computed again.
    func plan(largest: Int) -> ActivationPlan {
        largest * bytesPerToken(.keepAll) <= bytes ? .keepAll : .recompute
    }

    /// The memory of microbatches of at most `largest` tokens.
    func room(largest: Int) -> Activations {
        Activations(
            shape,
            capacity: Self.capacity(largest),
            plan: plan(largest: largest),
            adapterRank: adapterRank
        )
    }

    /// Rows that are allocated for `largest` tokens.
    static func capacity(_ largest: Int) -> Int { max(largest, 64) }
}
