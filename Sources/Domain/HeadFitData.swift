/// What a reward model's head is fitted to: items, and what is known of them.
///
/// `Item` is how a text is named: by its text in the arithmetic, by its tokens or text on the wire.
public struct HeadFitData<Item: Sendable>: Sendable {
    /// How it is fitted: `ratings` are for `ridge`, `labels` for `logistic`, `lists` for
    /// `plackettLuce`, pairs for `bradleyTerry`.
    public var method: RewardModelSpec.HeadFit
    /// The texts; each one's features are computed once.
    public var items: [Item]
    /// One per item, or none.
    public var ratings: [Double] = []
    /// Indices into `items`.
    public var chosen: [Int] = []
    /// Indices into `items`, each the loser to the chosen at its place.
    public var rejected: [Int] = []
    /// By how much the chosen's score must be the higher one: one per pair, or none.
    public var margins: [Double] = []
    /// The probability that the chosen is truly better: one per pair, or none.
    public var probabilities: [Double] = []
    /// Whether an item is good: one per item, or none.
    public var labels: [Bool] = []
    /// Indices into `items`, the best first.
    public var lists: [[Int]] = []
    /// The names of `attributeRatings`.
    public var attributes: [String] = []
    /// One list per item, in the order of `attributes`; `nil` where nothing is known.
    public var attributeRatings: [[Double?]] = []
    /// How many pairs what the opened head knew is worth: the fit then begins at that head and is held
    /// to it; `nil`: the head is fitted anew.
    public var priorPairs: Double?

    /// Items; what is known of them is set by name.
    public init(method: RewardModelSpec.HeadFit, items: [Item]) {
        self.method = method
        self.items = items
    }

    /// The same of items that are named otherwise.
    public func map<Other: Sendable>(_ transform: (Item) -> Other) -> HeadFitData<Other> {
        var other = HeadFitData<Other>(method: method, items: items.map(transform))
        (other.ratings, other.labels, other.lists) = (ratings, labels, lists)
        (other.chosen, other.rejected) = (chosen, rejected)
        (other.margins, other.probabilities) = (margins, probabilities)
        (other.attributes, other.attributeRatings) = (attributes, attributeRatings)
        other.priorPairs = priorPairs
        return other
    }
}

extension HeadFitData: Codable where Item: Codable {}
