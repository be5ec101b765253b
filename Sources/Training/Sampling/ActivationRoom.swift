internal import Models

/// Activations of inference that are kept from pass to pass and made larger when a pass needs it.
struct ActivationRoom {
    /// They are made for at least so many tokens.
    var least = 0
    /// And for a multiple of so many, where passes grow token by token.
    var step = 1
    private var kept: Activations?

    init(least: Int = 0, step: Int = 1) {
        self.least = least
        self.step = step
    }

    /// Room for a pass.
    ///
    /// - Parameters:
    ///   - tokens: The tokens of the pass.
    ///   - model: Whose pass it is, the same each time.
    /// - Returns: Activations whose capacity holds them.
    mutating func room(for tokens: Int, of model: Transformer) -> Activations {
        if let kept, kept.capacity >= tokens { return kept }
        let fresh = Activations(
            model.configuration,
            capacity: max(least, (tokens + step - 1) / step * step),
            plan: .inference,
            adapterRank: model.adapters?.rank ?? 0
        )
        kept = fresh
        return fresh
    }
}
