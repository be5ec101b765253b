/// What one prompt's chosen completions are worth for learning: enough of them right, and few wrong.
///
/// B-STaR's balance score: Zeng and others 2024, arXiv 2412.17256, equation 3.
public enum SelectionBalance {
    /// min(correct / wanted, 1) · correct / selected.
    ///
    /// - Parameters:
    ///   - correct: Different right completions among the selected.
    ///   - selected: Completions that are learned from.
    ///   - wanted: n*, how many right ones are enough.
    /// - Returns: From 0, nothing right or nothing selected, to 1.
    public static func score(correct: Int, selected: Int, wanted: Int = 8) -> Double {
        guard selected > 0, wanted > 0 else { return 0 }
        return min(Double(correct) / Double(wanted), 1) * Double(correct) / Double(selected)
    }
}
