public import Domain

/// The result of an evaluation as a person reads it.
public struct EvaluationText: Sendable {
    private let result: Value

    /// The `result` of an evaluation.
    public init(_ result: Value) { self.result = result }

    /// The tables, those left out that have no rows.
    public var text: String {
        [
            models, scores, bestOfN, comparisons, accuracy, buckets, agreements, disagreements,
            samples,
        ]
        .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func list(_ name: String) -> [Value] { result[name]?.arrayValue ?? [] }

    private static func number(_ value: Value?, _ digits: Int = 3) -> String {
        IterationTable.number(value?.doubleValue, digits)
    }

    /// `0.412 to 0.587`.
    private static func ends(_ interval: Value?) -> String {
        guard let interval else { return "" }
        return "\(number(interval["lower"])) to \(number(interval["upper"]))"
    }

    private static func words(_ value: Value?) -> String { value?.stringValue ?? "" }

    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        // Columns that have nothing in them say nothing.
        let kept = header.indices.filter { column in rows.contains { !$0[column].isEmpty } }
        var table = TextTable(kept.map { header[$0] })
        for row in rows { table.add(kept.map { row[$0] }) }
        return table.text
    }

    // MARK: Models

    private var models: String {
        let rows = list("models").map { model -> [String] in
            let distinct = model["distinct"]?.arrayValue ?? []
            let divergence = model["divergence"]
            return [
                Self.words(model["model"]), Self.number(model["completions"], 0),
                Self.number(model["length"]?["mean"], 1), Self.number(model["truncated_fraction"]),
                Self.number(model["entropy"]), Self.number(model["top_ten_mass"]),
            ] + (0..<3).map { Self.number(distinct.indices.contains($0) ? distinct[$0] : nil) }
                + [
                    Self.number(model["self_bleu"]), Self.number(divergence?["k1"]),
                    Self.number(divergence?["k3"]), Self.number(divergence?["exact"]),
                    Self.words(divergence?["reference"]),
                ]
        }
        return Self.table(
            [
                "model", "completions", "length", "truncated", "entropy", "top-10 mass",
                "distinct-1", "distinct-2", "distinct-3", "self-BLEU", "KL k1", "KL k3",
                "KL exact", "to",
            ],
            rows
        )
    }

    private var scores: String {
        Self.table(
            ["model", "reward", "mean", "95 % interval", "deviation", "unscored"],
            list("models").flatMap { model in
                (model["rewards"]?.arrayValue ?? []).map { reward in
                    let mean = reward["mean"]
                    return [
                        Self.words(model["model"]), Self.words(reward["reward"]),
                        Self.number(mean?["mean"]), Self.ends(mean?["interval"]),
                        Self.number(mean?["deviation"]), Self.number(reward["unscored"], 0),
                    ]
                }
            }
        )
    }

    private var bestOfN: String {
        let rows = list("models").flatMap { model in
            (model["rewards"]?.arrayValue ?? []).flatMap { reward -> [[String]] in
                let best = reward["best_of_n"]?.arrayValue ?? []
                guard best.count > 1 else { return [] }
                return best.map { point in
                    let others = (point["others"]?.arrayValue ?? []).map {
                        "\(Self.words($0["reward"])) \(Self.number($0["mean"]))"
                    }
                    return [
                        Self.words(model["model"]), Self.words(reward["reward"]),
                        Self.number(point["n"], 0), Self.number(point["reward"]),
                        Self.number(point["divergence"]), others.joined(separator: ", "),
                    ]
                }
            }
        }
        return Self.table(["model", "reward", "best of", "reward of it", "KL", "others"], rows)
    }

    private var comparisons: String {
        Self.table(
            [
                "reward", "model", "against", "win rate", "95 % interval", "at equal length",
                "95 % interval of that", "difference",
            ],
            list("comparisons").map { comparison in
                let controlled = comparison["length_controlled"]
                return [
                    Self.words(comparison["reward"]), Self.words(comparison["model"]),
                    Self.words(comparison["opponent"]),
                    Self.number(comparison["win_rate"]?["rate"]),
                    Self.ends(comparison["win_rate"]?["interval"]),
                    Self.number(controlled?["rate"]), Self.ends(controlled?["interval"]),
                    Self.number(comparison["difference"]?["mean"]),
                ]
            }
        )
    }

    private var samples: String {
        list("models").flatMap { model in
            (model["samples"]?.arrayValue ?? []).map { sample in
                let scores = (sample["scores"]?.arrayValue ?? []).map {
                    let score = $0["score"].map { Self.number($0) } ?? "unscored"
                    return "\(Self.words($0["reward"])) \(score)"
                }
                return "> \(Self.words(sample["prompt"]))\n"
                    + "[\(([Self.words(model["model"])] + scores).joined(separator: ", "))] "
                    + Self.words(sample["completion"])
            }
        }.joined(separator: "\n")
    }

    // MARK: Rewards

    private var accuracy: String {
        Self.table(
            [
                "reward", "pairs", "unscored", "accuracy", "95 % interval", "ECE", "Brier",
                "temperature", "with length", "right if longer", "right if shorter",
            ],
            list("rewards").map { reward in
                let figures = reward["figures"]
                let bias = figures?["length_bias"]
                return [
                    Self.words(reward["reward"]), Self.number(reward["pairs"], 0),
                    Self.number(reward["unscored"], 0),
                    Self.number(figures?["accuracy"]?["rate"]),
                    Self.ends(figures?["accuracy"]?["interval"]),
                    Self.number(figures?["calibration"]?["expected_error"]),
                    Self.number(figures?["calibration"]?["brier"]),
                    Self.number(figures?["temperature"]), Self.number(bias?["correlation"]),
                    Self.number(bias?["chosen_longer"]?["accuracy"]),
                    Self.number(bias?["chosen_shorter"]?["accuracy"]),
                ]
            }
        )
    }

    private var buckets: String {
        let rows = list("rewards").flatMap { reward in
            [("own lead", "by_lead"), ("labelled margin", "by_margin")].flatMap { name, field in
                (reward["figures"]?[field]?.arrayValue ?? []).map { bucket in
                    [
                        Self.words(reward["reward"]), name, Self.ends(bucket),
                        Self.number(bucket["count"], 0), Self.number(bucket["accuracy"]),
                    ]
                }
            }
        }
        return Self.table(["reward", "by", "from", "pairs", "accuracy"], rows)
    }

    private var agreements: String {
        Self.table(
            [
                "reward", "and", "texts", "pearson", "spearman", "kendall", "within prompts",
                "ordered alike", "STARC",
            ],
            list("agreements").map { agreement in
                let overall = agreement["overall"]
                return [
                    Self.words(agreement["first"]), Self.words(agreement["second"]),
                    Self.number(agreement["texts"], 0), Self.number(overall?["pearson"]),
                    Self.number(overall?["spearman"]), Self.number(overall?["kendall"]),
                    Self.number(agreement["within_prompts"]?["spearman"]),
                    Self.number(agreement["concordance"]), Self.number(agreement["starc"]),
                ]
            }
        )
    }

    private var disagreements: String {
        list("agreements").flatMap { agreement -> [String] in
            (agreement["disagreements"]?.arrayValue ?? []).prefix(3).map { found in
                disagreement(found, agreement)
            }
        }.joined(separator: "\n")
    }

    private func disagreement(_ found: Value, _ agreement: Value) -> String {
        let (first, second) = (Self.words(agreement["first"]), Self.words(agreement["second"]))
        let firstLead = Self.number(found["first_lead"], 1)
        let secondLead = Self.number(found["second_lead"], 1)
        return [
            "> \(Self.words(found["prompt"]))",
            "\(first) prefers, by \(firstLead) deviations: \(Self.words(found["first"]))",
            "\(second) prefers, by \(secondLead): \(Self.words(found["second"]))",
        ].joined(separator: "\n")
    }
}
