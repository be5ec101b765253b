/// Completions of one prompt that are scored together.
public struct RewardGroup: Sendable, Hashable {
    /// The completions with their prompt.
    public var members: [RewardInput]
    /// For each member the places of those that it is compared with, never its own.
    ///
    /// Only rewards that compare read it.
    public var opponents: [[Int]]

    /// A group in which each is compared with all others, unless said otherwise.
    ///
    /// - Parameters:
    ///   - members: The completions with their prompt.
    ///   - opponents: For each member the places of those it is compared with; its own is left out.
    public init(_ members: [RewardInput], opponents: [[Int]]? = nil) {
        self.members = members
        self.opponents = members.indices.map { place in
            let others = opponents.flatMap { $0.indices.contains(place) ? $0[place] : nil }
            return (others ?? Array(members.indices)).filter {
                $0 != place && members.indices.contains($0)
            }
        }
    }

    /// The comparisons that are needed, each once, the lower place first.
    public var pairs: [(Int, Int)] {
        var seen: Set<Int> = []
        var pairs: [(Int, Int)] = []
        for (place, others) in opponents.enumerated() {
            for other in others {
                let (low, high) = (min(place, other), max(place, other))
                guard seen.insert(low * members.count + high).inserted else { continue }
                pairs.append((low, high))
            }
        }
        return pairs.sorted { $0 < $1 }
    }
}
