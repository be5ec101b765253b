import Domain

/// Rewards on trained tokens, by group and completion.
struct LaidRewards: Sendable {
    /// The places of the trained tokens; `nil` where a completion is unscored or has none.
    private(set) var places: [[[Int]?]] = []
    /// Their rewards; empty where `places` is `nil`.
    private(set) var rewards: [[[Double]]] = []

    /// The completions added next are those of another group.
    mutating func beginGroup() {
        places.append([])
        rewards.append([])
    }

    mutating func add(_ trained: [Int], _ tokens: [Double]) {
        places[places.count - 1].append(trained)
        rewards[rewards.count - 1].append(tokens)
    }

    mutating func addUnscored() {
        places[places.count - 1].append(nil)
        rewards[rewards.count - 1].append([])
    }

    /// Adds numbers that are there for all tokens, trained or not.
    mutating func add(_ penalties: [[[Double]]]?) {
        guard let penalties else { return }
        for group in places.indices {
            for (sample, trained) in places[group].enumerated() {
                for (index, token) in (trained ?? []).enumerated() {
                    rewards[group][sample][index] += penalties[group][sample][token]
                }
            }
        }
    }

    /// Standardises all rewards among themselves.
    mutating func whiten(_ whitening: Whitening) {
        let moments = Moments(rewards.flatMap { $0.flatMap(\.self) })
        for group in rewards.indices {
            for sample in rewards[group].indices {
                rewards[group][sample] = rewards[group][sample].map {
                    whitening.whitened($0, moments)
                }
            }
        }
    }

    /// A completion's rewards together; `nil` where it is unscored.
    func sum(_ group: Int, _ sample: Int) -> Double? {
        places[group][sample].map { _ in rewards[group][sample].reduce(0, +) }
    }
}
