import Domain

/// The field `pairing` of a run spec.
enum PairingSchema {
    private static let defaults = PairingSpec()

    /// The rule and its parameters are checked by the control plane, which knows them.
    static let schema = Schema.named(
        "Pairing",
        .openObject([
            .field(
                "rule",
                .text,
                default: .string(defaults.rule.name),
                "Which completions are set against each other: best_worst, best_random, random, all, "
                    + "adjacent, best_second, first_two, threshold, rejection_sampled or "
                    + "policy_opponent."
            ),
            .field(
                "ties",
                RunSpecSchema.choice(PairingSpec.Ties.self),
                default: .string(defaults.ties.rawValue),
                "What becomes of equal rewards: no pair, or a random order."
            ),
            .optional(
                "most_pairs",
                .integer(1...1_000_000),
                "The most pairs of one prompt, chosen from the seed; all that the rule makes unless "
                    + "said."
            ),
        ])
    )

    /// The pairing of a checked object.
    static func pairing(_ checked: Value) -> PairingSpec {
        var parameters = checked.objectValue ?? [:]
        let name = parameters.removeValue(forKey: "rule")?.stringValue ?? defaults.rule.name
        let ties = parameters.removeValue(forKey: "ties")?.stringValue
        let most = parameters.removeValue(forKey: "most_pairs")?.integerValue
        return PairingSpec(
            rule: NamedParameters(name: name, parameters: .object(parameters)),
            ties: ties.flatMap(PairingSpec.Ties.init(rawValue:)) ?? defaults.ties,
            mostPairs: most
        )
    }

    /// What is said of the pairing, as it is read back.
    static func value(_ pairing: PairingSpec) -> Value {
        var fields = pairing.rule.parameters.objectValue ?? [:]
        fields["rule"] = .string(pairing.rule.name)
        fields["ties"] = .string(pairing.ties.rawValue)
        fields["most_pairs"] = pairing.mostPairs.map { .integer($0) }
        return .object(fields)
    }
}
