/// What the bearer of a token may do.
///
/// `admin` ⊃ `train` ⊃ `generate`, `annotate` and `read`, which stand beside each other.
public enum TokenScope: String, Sendable, Hashable, Codable, CaseIterable {
    /// Look at everything that is not about tokens.
    case read
    /// Lease comparisons and give in verdicts.
    case annotate
    /// Draw completions and score them: work that leaves nothing behind but rollouts it is asked to store.
    case generate
    /// Make and change models, files, runs and evaluations.
    case train
    /// Make and revoke tokens, remove models, forget people.
    case admin

    /// The scopes that come with this one, itself among them.
    public var granted: Set<TokenScope> {
        switch self {
        case .admin: Set(Self.allCases)
        case .train: [.train, .generate, .annotate, .read]
        case .generate, .annotate, .read: [self]
        }
    }
}

extension Set<TokenScope> {
    /// Whether any of these scopes brings `scope` along.
    public func grants(_ scope: TokenScope) -> Bool { contains { $0.granted.contains(scope) } }

    /// In the order of rising power, with spaces between them (RFC 6750 §3).
    public var words: String {
        TokenScope.allCases.filter(contains).map(\.rawValue).joined(separator: " ")
    }
}
