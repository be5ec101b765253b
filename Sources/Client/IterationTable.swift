import APITypes
import Domain

/// A run's iterations as a person reads them.
public enum IterationTable {
    /// A column: its title and the metrics it may come from, the first one there wins.
    private static let columns: [(title: String, metrics: [String], digits: Int)] = [
        ("reward", ["reward/mean"], 3),
        ("held-out", ["evaluation/reward_mean"], 3),
        ("KL", ["evaluation/kl"], 2),
        ("train KL", ["policy/kl"], 2),
        ("accuracy", ["preference/accuracy"], 3),
        ("chosen", ["policy/chosen_logprob"], 2),
        ("rejected", ["policy/rejected_logprob"], 2),
        ("sample s", ["time/sample_seconds"], 1),
        ("score s", ["time/score_seconds"], 1),
        ("update s", ["time/update_seconds"], 1),
        ("evaluate s", ["time/evaluate_seconds"], 1),
    ]

    /// The columns of these metrics: rewards that are only measured come behind the trained one.
    private static func columns(
        of metrics: some Sequence<String>
    ) -> [(title: String, metrics: [String], digits: Int)] {
        let (prefix, suffix) = ("evaluation/", "_mean")
        let measured = Set(metrics).filter {
            $0.hasPrefix(prefix) && $0.hasSuffix(suffix) && $0 != "evaluation/reward_mean"
        }
        let extra = measured.sorted().map { name in
            (
                title: String(name.dropFirst(prefix.count).dropLast(suffix.count)), metrics: [name],
                digits: 3
            )
        }
        guard let place = columns.firstIndex(where: { $0.title == "KL" }) else { return columns }
        return columns[..<place] + extra + columns[place...]
    }

    /// All iterations under one header; columns that nobody measured are left out.
    public static func text(_ iterations: [(iteration: Int, metrics: [String: Double])]) -> String {
        let shown = columns(of: iterations.flatMap { $0.metrics.keys }).filter { column in
            iterations.contains { value(column.metrics, $0.metrics) != nil }
        }
        var table = TextTable(["iteration"] + shown.map(\.title))
        for entry in iterations {
            table.add(
                [String(entry.iteration)]
                    + shown.map { number(value($0.metrics, entry.metrics), $0.digits) }
            )
        }
        return table.text
    }

    /// One iteration on one line.
    public static func line(_ iteration: Int, _ metrics: [String: Double]) -> String {
        let parts = columns(of: metrics.keys).compactMap { column in
            value(column.metrics, metrics).map { "\(column.title) \(number($0, column.digits))" }
        }
        return (["iteration \(iteration)"] + parts).joined(separator: "  ")
    }

    private static func value(_ names: [String], _ metrics: [String: Double]) -> Double? {
        for name in names {
            if let value = metrics[name] { return value }
        }
        return nil
    }

    /// A number with so many digits after the point; empty when there is none.
    static func number(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        guard abs(value) < 1e12 else { return String(value) }
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % Int(scale))
        let padding = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(scaled / Int(scale)).\(padding)\(fraction)"
    }
}
