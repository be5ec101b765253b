public import Domain

/// Every reward, by name.
public enum RewardCatalogue {
    /// One line each; the tests run over this list.
    public static let all: [any RewardEntry.Type] = [
        LexiconReward.self,
        LengthReward.self,
        RegexReward.self,
        ModelReward.self,
        PreferenceModelReward.self,
        ImplicitReward.self,
        WeightedSum.self,
        Ensemble.self,
        LogicalAnd.self,
        Hierarchy.self,
        Maximum.self,
        Minimum.self,
        Product.self,
        JudgeReward.self,
        GraderReward.self,
        RemoteReward.self,
    ]

    /// What each says of itself.
    public static var descriptions: [CatalogueDescription] {
        all.map { type in
            CatalogueDescription(
                name: type.name,
                object: "reward",
                summary: type.summary,
                parameters: type.parameters
            )
        }
    }

    /// The type of that name.
    public static func type(named name: String) -> (any RewardEntry.Type)? {
        all.first { $0.name == name }
    }

    /// The fault of a name that no reward has.
    static func unknown(_ name: String, path: String) -> Fault {
        let known = all.map { $0.name }
        let hint = NameHint.meantOrKnown(name, among: known)
        return Fault(path: "\(path).name", message: "\"\(name)\" is not a known reward\(hint)")
    }
}
