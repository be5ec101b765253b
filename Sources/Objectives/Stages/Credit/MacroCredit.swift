import Domain

/// Tokens act in n-grams.
struct MacroCredit: CreditAssignment {
    static let name = "macro"
    static let summary = "Advantages are those of n-grams of tokens; the last token stands alone."
    static let source =
        "Chai et al. 2024 (MA-RLHF), arXiv 2410.02743, section 3, fixed n-grams, and its "
        + "code"
    static let joinsTokens = true
    static let parameters = [
        ParameterDescription(
            "length",
            .integer(1...1_000_000),
            default: 5,
            "Tokens of a macro action; the rest before the last token form a shorter one."
        )
    ]

    private let length: Int

    init(_ parameters: ParameterValues) { length = parameters.integer("length") }

    /// The last token alone, so that the reward on it is not divided among others.
    func actions(count: Int) -> [Range<Int>] {
        let starts = stride(from: 0, to: count - 1, by: length)
        return starts.map { $0..<min($0 + length, count - 1) } + [(count - 1)..<count]
    }
}
