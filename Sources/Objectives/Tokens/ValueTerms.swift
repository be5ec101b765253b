import Domain

/// The clipped squared error of a value head, shared by `value_loss` and `ppo`.
struct ValueTerms: Sendable {
    /// How far values may move from those of the rollout; `nil` does not clip.
    let clipRange: Double?

    /// The data that the loss needs.
    var fields: Set<BatchField> {
        clipRange == nil ? [.values, .returns] : [.values, .returns, .oldValues]
    }

    /// `½ max( (V - R)², (V_old + clip(V - V_old, ±ε) - R)² )`.
    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let (value, target) = (try token.value, try token.number(.returns))
        let error = (value - target).squared
        guard let clipRange else { return error / 2 }
        let old = try token.number(.oldValues)
        // A NaN here would trap in the range below; it is left to show up in the loss.
        guard old.isFinite else { return Dual(.nan) }
        let clipped = value.clamped(to: (old - clipRange)...(old + clipRange))
        return larger(error, (clipped - target).squared) / 2
    }
}
