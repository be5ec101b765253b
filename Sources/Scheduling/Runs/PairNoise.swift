import Domain
import Rewards

/// Mistakes of a simulated annotator, by a spec's `noise`.
struct PairNoise: Sendable {
    private let spec: NoiseSpec
    private let plan: BatchPlan
    /// Whether there may be any.
    let isThere: Bool

    init(_ spec: RunSpec) {
        self.spec = spec.noise ?? NoiseSpec()
        plan = BatchPlan(seed: spec.seed)
        isThere = spec.noise != nil
    }

    /// The pair, or the pair turned round: its margin, still the rewards' difference, is then below
    /// 0.
    func applied(to pair: RankedPair, _ random: inout PhiloxSequence) -> RankedPair {
        guard isThere, flips(pair.margin, &random) else { return pair }
        return RankedPair(pair.rejected, pair.chosen, -pair.margin)
    }

    /// The pairs of a file with the mistakes in them.
    func applied(to elements: [DataElement]) -> [DataElement] {
        guard isThere else { return elements }
        return elements.enumerated().map { index, element in
            var random = plan.noise(iteration: 0, prompt: index)
            guard element.completions.count > 1, flips(element.margin, &random) else {
                return element
            }
            var turned = element
            turned.completions.swapAt(0, 1)
            turned.margin = element.margin.map { -$0 }
            turned.preferenceProbability = element.preferenceProbability.map { 1 - $0 }
            return turned
        }
    }

    /// Whether the label is wrong.
    private func flips(_ margin: Double?, _ random: inout PhiloxSequence) -> Bool {
        func happens(_ probability: Double) -> Bool {
            Double.random(in: 0..<1, using: &random) < probability
        }
        var isWrong = false
        if let margin, abs(margin) < spec.nearTies {
            isWrong = happens(0.5)
        } else if let margin, let temperature = spec.bradleyTerry {
            isWrong = happens(sigmoid(-margin / temperature))
        }
        return happens(spec.flip) ? !isWrong : isWrong
    }

    /// Whether a file's pairs must have margins.
    var needsMargins: Bool { spec.bradleyTerry != nil || spec.nearTies > 0 }
}
