import Domain

/// How many of its group a completion beats.
struct GroupWinRate: RewardTransform {
    static let name = "group_win_rate"
    static let summary =
        "Share of the group's other completions with a lower reward; equal ones count a half."
    static let source = "Swamy et al. 2024 (SPO), arXiv 2401.04056, with a hard preference"

    init(_ parameters: ParameterValues) {}

    /// A lone completion has nobody to beat, and so no reward.
    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        guard !place.others.isEmpty else { return nil }
        let wins = place.others.reduce(0) { $0 + ($1 < reward ? 1 : $1 == reward ? 0.5 : 0) }
        return wins / Double(place.others.count)
    }
}
