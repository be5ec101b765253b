/// How far two rewards are from ordering policies alike.
///
/// Skalse and others 2023, arXiv 2309.15257. For language models an episode is one completion, so that potential shaping and its like are a
/// number added to each prompt: a reward is made canonical by centring it on each prompt's completions.
public enum STARC {
    /// ½ ‖u₁ − u₂‖ of the centred rewards divided by their norms, from 0 (the same but for scale and
    /// what is added to each prompt) to 1 (opposite).
    ///
    /// A reward that is constant on every prompt is the zero vector.
    /// `groups` holds for each prompt both rewards' scores of its completions, in one order.
    public static func distance(_ groups: [(left: [Double], right: [Double])]) -> Double {
        let left = canonical(groups.map(\.left))
        let right = canonical(groups.map(\.right))
        let squares = zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return min(squares.squareRoot() / 2, 1)
    }

    private static func canonical(_ groups: [[Double]]) -> [Double] {
        let centred = groups.flatMap { group in
            let mean = Sample.mean(group) ?? 0
            return group.map { $0 - mean }
        }
        let norm = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm > 0 ? centred.map { $0 / norm } : centred
    }
}
