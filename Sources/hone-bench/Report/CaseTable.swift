import Foundation

/// The report for people.
enum CaseTable {
    /// The machine, the cases, the savings.
    static func text(_ report: Report) -> String {
        let machine = report.machine
        var lines = [
            "\(machine.processor), \(machine.cores) cores, \(gibibytes(Int(machine.memoryBytes))), "
                + "\(machine.system)",
            "\(machine.blas), \(machine.compiler), \(machine.build) build",
            "\(report.model), \(report.threads) threads, medians of \(report.repetitions), "
                + report.date,
            "",
        ]
        lines += columns([header] + report.cases.map(row))
        if !report.savings.isEmpty {
            lines += [""] + columns([savingHeader] + report.savings.map(row))
        }
        return lines.joined(separator: "\n")
    }

    /// Names and meanings, for `--list`.
    static func list(_ cases: [BenchmarkCase]) -> String {
        columns(cases.map { [$0.name, $0.meaning] }).joined(separator: "\n")
    }

    private static let header = [
        "case", "tokens/s", "seconds", "(min to max)", "GFLOP/s", "of peak", "GB/s", "of peak",
        "memory",
    ]
    private static let savingHeader = ["saving", "with", "without", "times faster", "less memory"]

    private static func row(_ result: CaseResult) -> [String] {
        if let error = result.error { return [result.name, "failed: \(error)"] }
        return [
            result.name,
            number(result.tokensPerSecond, 1),
            number(result.seconds?.median, 4),
            "(\(number(result.seconds?.min, 4)) to \(number(result.seconds?.max, 4)))",
            number(result.gigaflops, 1),
            percent(result.gemmFraction),
            number(result.gigabytesPerSecond, 1),
            percent(result.bandwidthFraction),
            gibibytes(result.peakMemoryBytes ?? 0),
        ]
    }

    private static func row(_ result: SavingResult) -> [String] {
        [
            result.saving, result.with, result.without, number(result.speedup, 2),
            gibibytes(result.savedBytes),
        ]
    }

    private static func number(_ value: Double?, _ digits: Int) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }

    private static func percent(_ value: Double?) -> String {
        value.map { String(format: "%.0f %%", 100 * $0) } ?? "-"
    }

    private static func gibibytes(_ bytes: Int) -> String {
        String(format: "%.2f GiB", Double(bytes) / Double(1 << 30))
    }

    /// Columns as wide as their widest cell; the last one, and a lone second, as they are.
    private static func columns(_ rows: [[String]]) -> [String] {
        var widths: [Int] = []
        for row in rows where row.count > 2 || rows.allSatisfy({ $0.count <= 2 }) {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.count)
            }
        }
        return rows.map { row in
            row.enumerated().map { index, cell in
                guard index < row.count - 1 else { return cell }
                let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
                return cell + padding
            }.joined(separator: "  ")
        }
    }
}
