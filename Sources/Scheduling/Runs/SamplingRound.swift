/// Prompts of an iteration that are sampled together, and the units they are sampled in.
///
/// An iteration has one round; where groups that teach nothing are replaced it may have more.
public struct SamplingRound: Sendable, Hashable, Codable {
    /// 0 is the iteration's first.
    public var number: Int
    /// The first of its `sample` and `score` units.
    public var firstUnit: Int
    /// How many units it has.
    public var unitCount: Int
    /// The place of its first prompt among those of the iteration.
    public var firstPlace: Int
    /// How many prompts it has.
    public var promptCount: Int

    /// An iteration's first round.
    public init(prompts: Int, groupSize: Int) {
        number = 0
        firstUnit = 0
        unitCount = BatchPlan.unitCount(prompts: prompts, groupSize: groupSize)
        firstPlace = 0
        promptCount = prompts
    }

    /// The round after another.
    public init(after last: SamplingRound, prompts: Int, groupSize: Int) {
        self.init(prompts: prompts, groupSize: groupSize)
        number = last.number + 1
        firstUnit = last.endUnit
        firstPlace = last.endPlace
    }

    /// The unit after its last.
    public var endUnit: Int { firstUnit + unitCount }

    /// The place after its last prompt's.
    public var endPlace: Int { firstPlace + promptCount }

    /// The places of a unit's prompts among those of the iteration.
    func places(ofUnit unit: Int, groupSize: Int) -> Range<Int> {
        let places = BatchPlan.places(
            ofUnit: unit - firstUnit,
            prompts: promptCount,
            groupSize: groupSize
        )
        return firstPlace + places.lowerBound..<firstPlace + places.upperBound
    }
}
