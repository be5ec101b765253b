import Domain
import Objectives

/// One element of a run's data file, as its objective learns from it: a pair, a group or a sequence.
struct DataElement: Sendable, Hashable {
    var prompt: Prompt
    /// Chosen, rejected and perhaps a third; or the completions of a group; or the only one.
    var completions: [DataCompletion]
    /// Reward of the chosen less that of the rejected.
    var margin: Double?
    /// The probability that the chosen one is truly preferred.
    var preferenceProbability: Double?
    /// What the loss of a pair or group is multiplied by.
    var weight = 1.0
    /// How hard it is, where the run's curriculum goes by a number of the record.
    var difficulty: Double?
    /// The record it comes of, for messages.
    var place: String
}

/// A completion of a data file and what the file says of it.
struct DataCompletion: Sendable, Hashable {
    var text: String
    var scalars: [BatchField: Double] = [:]
    /// Whether it is desirable.
    var label: Bool?
    /// What its loss is multiplied by.
    var weight = 1.0
}
